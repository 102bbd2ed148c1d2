"""Waits at the console's address while nobody uses it: `python -I -S sleeper.py PARENT COMMAND…`

File descriptor 3 is the socket that listens, as systemd hands one over. Once somebody connects,
this process becomes COMMAND, which finds it there (cli/listener.py). It ends with the process
PARENT, unless that is 0. It imports hardly anything, to take 9 MB.
"""

import os
import select
import signal
import sys

_LOOK_SECONDS = 1.0
_LISTENER = 3


def main(parent: int, command: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback
    while not select.select([_LISTENER], [], [], _LOOK_SECONDS)[0]:
        if parent and os.getppid() != parent:
            return
    os.execv(command[0], command)  # noqa: S606 - the command that this process was before


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
