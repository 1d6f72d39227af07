"""`python -m ecommerce.launch COMMAND`: what the Makefile's targets call."""

import argparse
import sys

from ecommerce.launch import checks, commands, demo, ending, locking, shop
from ecommerce.launch.port import PortRefused
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.screen import note
from ecommerce.launch.signals import Stop, raise_stop


def main() -> int:
    """Run one command; the exit code says how it went."""
    arguments = parser().parse_args()
    raise_stop()
    try:
        return int(arguments.run(arguments))
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, RuntimeError, PermissionError) as problem:
        note(str(problem))
        return 1
    except PortRefused as problem:
        note(str(problem))
        return 2


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    root = argparse.ArgumentParser(prog="ecommerce.launch", description=__doc__)
    names = root.add_subparsers(required=True, metavar="COMMAND")

    purchase = names.add_parser("demo", help="the shop from nothing, and one purchase")
    purchase.set_defaults(run=lambda _given: demo.demo())

    run = names.add_parser("run", help="the shop from nothing, in the foreground")
    run.set_defaults(run=lambda _given: shop.run())

    execute = names.add_parser("exec", help="run a command on the embedded services: exec -- COMMAND…")
    execute.add_argument("--data", choices=("test", "shop"), default="test", help="whose data (the tests')")
    execute.add_argument("command", nargs="+")
    execute.set_defaults(run=lambda given: commands.execute(given.command, data=given.data))

    alone = names.add_parser("test-alone", help="the tests of one module (else all in turn), only it installed")
    alone.add_argument("module", nargs="?", default="", choices=("", *commands.MODULES))
    alone.add_argument("arguments", nargs="*")
    alone.set_defaults(run=lambda given: commands.test_alone(given.module, given.arguments))

    check = names.add_parser("check", help="every check, then a table")
    check.set_defaults(run=lambda _given: checks.check())

    openapi = names.add_parser("openapi", help="write docs/openapi.yaml anew")
    openapi.set_defaults(run=lambda _given: checks.write_openapi())

    lock = names.add_parser("lock", help="lock requirements/*.in; arguments go to uv")
    lock.set_defaults(run=lambda given: locking.lock(given.arguments))
    lock.add_argument("arguments", nargs=argparse.REMAINDER)

    picture = names.add_parser("graph", help="the layers as a picture")
    picture.set_defaults(run=show_graph)

    end = names.add_parser("stop", help="end this checkout's running shop")
    end.set_defaults(run=lambda _given: ending.stop_shops())

    clean = names.add_parser("clean", help="end every run of this checkout and remove its data")
    clean.set_defaults(run=lambda _given: ending.clean())
    return root


def show_graph(_given: argparse.Namespace) -> int:
    """Only developers have what this imports."""
    from ecommerce.launch.graph import graph

    return graph()


if __name__ == "__main__":
    sys.exit(main())
