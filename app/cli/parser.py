"""A parser of command lines with short error messages."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from app.files import printable
from app.names import did_you_mean

_LONGEST_USAGE = 6  # lines
_NUMBERS = {"float": "a number such as 0.56", "int": "a whole number"}


class Parser(argparse.ArgumentParser):
    """A parser without abbreviated flags, so that new flags break no script."""

    def __init__(self, **options: Any):
        super().__init__(**{**options, "allow_abbrev": False})
        # Arguments that begin like a negative number are no flags: `convolve -1,0,1 0,1,2`.
        self._negative_number_matcher = re.compile(r"^-\.?\d")
        self.set_defaults(parser=self)

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse a command line.

        Raises:
            SystemExit: With status 2 if it cannot be parsed, 0 for `--help`.
        """
        parsed, unknown = self.parse_known_args(args, namespace)
        command: Parser = parsed.parser
        del parsed.parser
        if unknown:
            command.error(command._describe_unknown(unknown))
        return parsed

    def error(self, message: str) -> NoReturn:
        """Print a message below the usage, which is shortened if it is long; exit with 2."""
        usage = self.format_usage()
        if usage.count("\n") > _LONGEST_USAGE:
            usage = f"usage: {self.prog} [FLAG ...]   ({self.prog} --help lists them)\n"
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(
            f"error: {printable(message)}", width, break_long_words=False, break_on_hyphens=False
        )
        self.exit(2, f"{usage}{text}\n")

    def _describe_unknown(self, unknown: list[str]) -> str:
        flags = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        if not flags:
            return (
                f"unexpected arguments: {' '.join(unknown)}. "
                'An argument that contains spaces needs quotes, such as "1 0 -1".'
            )
        flag = flags[0]
        if flag in self._option_string_actions:
            return f"{flag} must follow the command: {self.prog} {flag}"
        suggestion = did_you_mean(flag, self._option_string_actions)
        return f"there is no flag {flag}. {suggestion}".rstrip()

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        values = super()._get_values(action, arg_strings)
        if action.nargs is None and isinstance(values, list):  # `-o=--`, which argparse empties
            raise argparse.ArgumentError(action, "expected one argument")
        return values

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError:
            expected = _NUMBERS.get(getattr(action.type, "__name__", ""))
            if expected is None:
                raise
        raise argparse.ArgumentError(
            action, f"'{arg_string}' is not {expected.partition(' such')[0]}. Expected {expected}."
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        sentences = [
            f"'{value}' is unknown.",
            did_you_mean(str(value), names),
            f"Expected one of: {', '.join(names)}.",
        ]
        raise argparse.ArgumentError(action, " ".join(filter(None, sentences)))

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse would ignore an error here, and `--help` to a full disk would succeed.
        stream = file or sys.stderr
        if message and stream is not None:
            stream.write(message)
            stream.flush()
