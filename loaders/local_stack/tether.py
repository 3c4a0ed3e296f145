"""`python -m loaders.local_stack.tether PARENT PROGRAM …`: becomes a program that stops when its parent dies, however it dies.

A step of its own, because asking the kernel between fork and exec of a process that has threads is not safe. Elsewhere than on
Linux the program is simply run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_DEATH_SIGNAL = 1


def main() -> None:
    """Ask the kernel for the signal, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the process that started this one is gone")
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
