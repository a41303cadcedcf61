"""Names as users type them: matched without case, with a suggestion if there is no match."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

_SIMILAR = 0.6  # a ratio of difflib, which finds one typing error in four letters
_MOST_LISTED = 12


def find_name(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that equals `wanted`, or the only one that differs just by case.

    Args:
        wanted: Name as typed.
        names: Known names.

    Returns:
        One of `names`, or `None`.
    """
    names = list(names)
    if wanted in names:
        return wanted
    matches = [name for name in names if caseless(name) == caseless(wanted)]
    return matches[0] if len(matches) == 1 else None


def caseless(name: str) -> str:
    """Return a name without case, with its accents in one normal form."""
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
    for matches in (
        [name for name in plain if plain[name] == typed],
        [name for name in plain if len(typed) > 1 and _initials(name) == typed],
        [name for name in plain if len(typed) > 1 and plain[name].startswith(typed)],
    ):
        if matches:
            return min(matches, key=len)
    similar = difflib.get_close_matches(typed, plain.values(), n=1, cutoff=_SIMILAR)
    return next((name for name, text in plain.items() if text in similar), None)


def listed(names: Sequence[str], wanted: str = "") -> str:
    """Return names as one line, in their order; at most a dozen, and the total number.

    Args:
        names: Names to list.
        wanted: Name as typed; of many names, the most similar ones are listed.
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
