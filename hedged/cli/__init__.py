"""The command line. Exit codes: 0 ok, 1 error, 2 usage, 3 degraded, 4 halted, 78 configuration.

Every process ends through `main`: with one of these codes, and without a traceback where its
output cannot be written or somebody pressed Ctrl-C. The commands are loaded only there: that
takes most of a second, in which Ctrl-C is as likely as in any other.
"""

import errno
import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from typer import Typer

_ERROR: Final = 1
_INTERRUPTED: Final = 130
_OF_OUTPUT: Final = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def main() -> NoReturn:
    """Entry point of the `hedged` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal cannot show must not end it
            stream.reconfigure(errors="backslashreplace")
    code: object = None
    lost: OSError | None = None
    try:
        _commands()()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except OSError as error:
        if error.filename is not None or error.errno not in _OF_OUTPUT:
            raise  # no output of ours, but a bug
        lost = error
    lost = _flushed() or lost
    if lost is not None:
        code = _ERROR
        if lost.errno != errno.EPIPE:  # a reader that left (`| head`) has seen enough
            with suppress(OSError, AttributeError):  # there may be no stderr either
                sys.stderr.write(f"hedged: the output cannot be written: {lost.strerror}\n")
    sys.exit(code)  # type: ignore[arg-type] # it is what SystemExit carried


def _commands() -> "Typer":
    """Load the commands; Ctrl-C meanwhile ends the process, wherever the loading just is."""
    is_heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heeded:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from hedged.cli.commands import app  # noqa: PLC0415 - only now, as said above

    if is_heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return app


def _flushed() -> OSError | None:
    """Write what is left to write; return why stdout could not be.

    What cannot be written is dropped, or Python would try once more at its end, and complain.
    """
    lost = None
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # None: it was closed from the beginning
                stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            lost = error if stream is sys.stdout else lost
    return lost
