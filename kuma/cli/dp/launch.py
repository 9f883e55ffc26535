"""Becomes another program that dies with its parent: `python launch.py PARENT_PID PROGRAM [ARGUMENT…]`.

Run as a script of its own by an isolated interpreter, so it may import only the standard library. A process that is
killed can't end its children; the kernel does it, by the parent-death signal (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arrange for the signal, make sure that the parent has not died before that, and become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    os.setpgid(0, 0)  # a Ctrl-C at the terminal reaches kuma-dp alone, which drains before it stops Envoy
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
