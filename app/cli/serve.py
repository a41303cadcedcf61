"""Show models in a browser: draw a digit or drop a photograph, and look inside.

The page is answered by this machine for this machine only, and asks no other
server. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import re
import secrets
import threading
import webbrowser

from app.cli.console import print_lines
from app.cli.options import add_data_dir, data_dir_of
from app.errors import AppError
from app.signals import stop_status

_PORT = 8000
_SHORTEST_TOKEN = 16
_NEW = "new"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="folder of a saved model, its name, or a .keras or .h5 file (default: all saved "
        "models)",
    )
    parser.add_argument(
        "--port", type=int, default=_PORT, metavar="PORT",
        help=f"port of the server (default: {_PORT}); 0 for any free one",
    )  # fmt: skip
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, and do not open it"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="address of this machine at which others may reach the page too; needs --token",
    )  # fmt: skip
    parser.add_argument(
        "--token", default="", metavar="SECRET",
        help=f"secret that the address must hold, of {_SHORTEST_TOKEN} characters or more; "
        f"'{_NEW}' makes one",
    )  # fmt: skip
    parser.add_argument(
        "--train", action="store_true",
        help="also train networks on the page; only the address with the token that it prints can "
        "do that",
    )  # fmt: skip
    # Apart from the other commands' `modules`: only the process that runs Keras imports them.
    parser.add_argument(
        "--import", dest="oracle_modules", metavar="MODULE", action="append", default=[],
        help="module with layers of your own; may be repeated",
    )  # fmt: skip
    add_data_dir(parser)


def run(parsed: argparse.Namespace) -> int:
    """Serve until the process is asked to stop; return 130 for Ctrl-C (143 for SIGTERM)."""
    if not 0 <= parsed.port < 2**16:
        raise AppError(f"--port is {parsed.port}.", "Expected a whole number from 0 to 65535.")
    token = _token(parsed.token or (_NEW if parsed.train else ""))

    from app.web.running import Serving, bind, is_loopback, run_server

    if not token and not is_loopback(parsed.host):
        raise AppError(
            f"--host is '{parsed.host}', which other machines may reach, and there is no --token.",
            "Expected a secret that only those know who may use the page.",
            f"Let one be made: --host {parsed.host} --token {_NEW}",
        )
    listening = bind(parsed.host, parsed.port)
    with listening:
        try:
            run_server(
                Serving(
                    models=parsed.models,
                    host=parsed.host,
                    token=token,
                    data_dir=data_dir_of(parsed),
                    modules=parsed.oracle_modules,
                    train=parsed.train,
                ),
                listening,
                lambda address: _announce(address, browser=not parsed.no_browser),
            )
        except KeyboardInterrupt:
            print_lines("stopped.")
    return stop_status()


def _token(given: str) -> str:
    if given == _NEW:
        return secrets.token_urlsafe(_SHORTEST_TOKEN)
    if given and not re.fullmatch(rf"[\w.~-]{{{_SHORTEST_TOKEN},200}}", given, re.ASCII):
        raise AppError(
            "--token cannot be used.",
            f"Expected at least {_SHORTEST_TOKEN} letters, digits or signs of - . _ ~.",
            f"Let one be made: --token {_NEW}",
        )
    return given


def _announce(address: str, *, browser: bool) -> None:
    print_lines(f"The page is at {address}", "Ctrl-C ends it.")
    if browser:
        # In a thread: it may wait for a browser that starts.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
