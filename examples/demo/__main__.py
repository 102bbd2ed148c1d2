"""The command `python -m examples.demo`, which `make demo` runs."""

import argparse

from cli.app import prepare_process
from cli.local_server import with_model_server
from cli.printing import say, say_error
from cli.running import run_all
from domain.errors import Phi3Error
from examples.demo.pictures import console
from examples.demo.settings import empty, settings
from examples.demo.story import tell

_INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description="A day and a night, once.")
    parser.add_argument("--once", action="store_true", help="end after the night")
    once = parser.parse_args().once
    prepare_process()
    chosen = settings()
    try:
        empty(chosen.home)
        with with_model_server(chosen) as with_server:
            tell(with_server)
        if not once:
            console.rule("[bold]Now it keeps running")
            run_all(chosen, opens=True)
    except KeyboardInterrupt as interrupt:
        say("Stopped. The next `make demo` begins anew.")
        raise SystemExit(_INTERRUPTED) from interrupt
    except Phi3Error as error:
        say_error(error)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
