"""Turns into the command it is given, after making sure that the command cannot outlive the process that started it.

    python -I -S child.py PARENT_PID DEATH_SIGNAL UID GID COMMAND ARGUMENT…

A script of its own, instead of a function between fork and exec: that runs no code of ours in a half-copied process.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop root's rights where asked, tie our life to the parent's, become the command."""
    parent, death_signal, uid, gid = (int(argument) for argument in sys.argv[1:5])
    command = sys.argv[5:]
    if uid != os.getuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with(parent, death_signal)  # after setuid, which clears the wish
    os.execvp(command[0], command)  # noqa: S606  (the point of this file)


def die_with(parent: int, death_signal: int) -> None:
    """Have the kernel send us the signal when the parent is gone, even by SIGKILL."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it went before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
