"""The `phi3` command: runs a command, and turns errors into one line and an exit code."""

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from cli.extras import missing_extra
from cli.logs import hide_library_messages
from cli.printing import say_error
from domain.errors import Phi3Error

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h


def main() -> None:
    """Runs a command: exit 0 on success, 1 with one line that says why, 2 on wrong usage."""
    prepare_process()
    try:
        _app_for(sys.argv[1:])()
    except Phi3Error as error:
        say_error(error)
        raise SystemExit(1) from error
    except ModuleNotFoundError as error:
        if not (missing := missing_extra(error)):
            raise
        say_error(missing)
        raise SystemExit(1) from error
    finally:
        # At its end Python looks for garbage everywhere, which took a tenth of a search's time.
        # What torch loads must be freed, though, or it is listed as leaked.
        if "torch" not in sys.modules:
            gc.freeze()


def _app_for(arguments: list[str]) -> Callable[[], None]:
    """All commands; of a role, which runs for months, only its own, which takes 3 MB less."""
    from cli.commands.every_role import alone

    if arguments and (role := alone(arguments[0])):
        return role
    from cli.commands.every import app

    return app


def prepare_process() -> None:
    """Makes the settings of the whole process, before anything else."""
    # Files that are written from now on (questions, answers, weights) are for this user alone.
    os.umask(0o077)
    # Threads that wait for each other must sleep: with another program on the same cores, busy
    # waiting made training seven times slower. Torch reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # LanceDB warns of partitions that a small addition to an index does not have: it need not.
    os.environ.setdefault("LANCEDB_LOG", "error")
    _set_allocation()
    hide_library_messages()


def _set_allocation() -> None:
    """Sets how memory is allocated, where the C library is glibc.

    All threads allocate from two arenas. By default there are eight for each core, and what
    LanceDB's threads free stays in each of them: an index of 25,000 chunks that was built step by
    step took 330 MB, with two arenas 160 MB.

    Arrays of up to 4 MB are not given back to the system each time. To get their pages anew took
    3 of the 23 ms of a search.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, 4 << 20)
        library.mallopt(_M_TRIM_THRESHOLD, 32 << 20)


if __name__ == "__main__":
    main()
