"""The loop: observe, decide, act. The only I/O is through the ports."""
