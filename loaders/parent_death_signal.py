"""Programs that stop when the process that started them dies, however it dies: the kernel sends them a signal then.

Shared module: imports nothing of ours. Run as a script, it asks the kernel and becomes the program: a step of its own, because
asking between fork and exec of a process that has threads is not safe. Elsewhere than on Linux the program is simply run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_SET_DEATH_SIGNAL = 1


def bound_to_parent(command: Sequence[str], sent: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command line that runs `command` (an absolute path and its arguments) until this process, or the thread that starts
    it, is gone; `sent` is the signal that it gets then.
    """
    return [sys.executable, "-I", str(Path(__file__).resolve()), str(os.getpid()), str(int(sent)), *command]


def die_with_parent(parent: int, sent: signal.Signals) -> bool:
    """Asks the kernel to send this process a signal when its parent is gone. Returns whether the parent is still there."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, sent)
    return os.getppid() == parent


def main() -> None:
    """Ask the kernel for the signal, then become the program. Arguments: the parent's process id, the signal, the program."""
    parent, sent, program = int(sys.argv[1]), signal.Signals(int(sys.argv[2])), sys.argv[3:]
    if not die_with_parent(parent, sent):
        sys.exit("the process that started this one is gone")
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
