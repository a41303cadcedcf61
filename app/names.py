"""Names as people type them: matched whatever their case, with a suggestion when there is none."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

_SIMILAR = 0.6  # a ratio of difflib, which finds one typing error in four letters
_MOST_LISTED = 12


def find_name(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that `wanted` means: the same, or the only one that differs by case.

    Args:
        wanted: Name as it was typed.
        names: Known names.

    Returns:
        One of `names`, or `None`.
    """
    names = list(names)
    if wanted in names:
        return wanted
    found = [name for name in names if caseless(name) == caseless(wanted)]
    return found[0] if len(found) == 1 else None


def caseless(name: str) -> str:
    """Return a name without case, and with one way to write its accents."""
    return unicodedata.normalize("NFC", name.casefold())


def did_you_mean(wanted: str, names: Iterable[str]) -> str:
    """Return `Did you mean 'learning-rate'?`, or nothing if no name is close.

    A name is close if it has the same letters and digits, if its words have `wanted` as initials
    (`lr`), if it begins with `wanted`, or if it is similar.
    """
    close = closest(wanted, names)
    return f"Did you mean '{close}'?" if close is not None else ""


def closest(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that `did_you_mean` suggests, or `None`."""
    plain = {name: _plain(name) for name in names}
    typed = _plain(wanted)
    if not typed:
        return None
    for found in (
        [name for name in plain if plain[name] == typed],
        [name for name in plain if len(typed) > 1 and _initials(name) == typed],
        [name for name in plain if len(typed) > 1 and plain[name].startswith(typed)],
    ):
        if found:
            return min(found, key=len)
    similar = difflib.get_close_matches(typed, plain.values(), n=1, cutoff=_SIMILAR)
    return next((name for name, text in plain.items() if text in similar), None)


def listed(names: Sequence[str], wanted: str = "") -> str:
    """Return names for one line, in their order; of many, a dozen and their number.

    Args:
        names: Names.
        wanted: What was asked for: of many names, those that are similar to it are listed.
    """
    if len(names) <= _MOST_LISTED:
        return ", ".join(names)
    shown = names[:_MOST_LISTED]
    if wanted:
        close = difflib.get_close_matches(wanted, names, n=_MOST_LISTED, cutoff=0.0)
        shown = [name for name in names if name in close]
    return f"{', '.join(shown)}, … ({len(names):,} in all)"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", caseless(name))


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.split(r"[\W_]+", caseless(name)) if word)
