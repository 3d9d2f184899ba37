"""`python -m hedged`."""

from hedged.cli import main

main()
