"""Names that users give, such as `--model modern`, each with the reference that it stands for.

A registry maps each name to a reference, `package.module:attribute`, and imports the module only
when the object is needed, so that the command line lists names without importing Keras. A user's
own reference is accepted wherever a name is; a user's module can also register names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from app.errors import AppError
from app.names import did_you_mean
from app.references import REFERENCE, import_reference, is_reference

_NUMBER = re.compile(r"[1-9][0-9]{0,7}")

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry]):
    """Known names of one kind.

    Args:
        source: Flag or setting that takes such a name, such as `--model`.
        entries: Each name's entry: a reference, or an object that holds some.
        sized: References by the first part of names that end in a number, such as `stack` for
            `stack-5000`; what they name is called with the number first.
    """

    def __init__(
        self, source: str, entries: Mapping[str, Entry], sized: Mapping[str, str] | None = None
    ):
        self.source = source
        self._entries = dict(entries)
        self._sized = dict(sized or {})

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __str__(self) -> str:
        return ", ".join([*self, *(f"{name}-N" for name in self._sized)])

    def family(self, name: str) -> str:
        """Return `stack-N` for a name such as `stack-5000`; any other name as it is."""
        first, _, number = name.rpartition("-")
        return f"{first}-N" if first in self._sized and _NUMBER.fullmatch(number) else name

    def register(self, name: str, entry: Entry) -> None:
        """Add a name.

        Raises:
            AppError: If the name is taken, or reads like a reference.
        """
        if name in self or is_reference(name):
            raise AppError(
                f"{self.source} '{name}' is registered already."
                if name in self
                else f"{self.source} '{name}' reads like a reference.",
                "Expected a new name without a colon.",
            )
        self._entries[name] = entry

    def check(self, name: str, more: str = "") -> None:
        """Refuse what is neither a known name nor a reference; nothing is imported.

        Args:
            name: Name or reference.
            more: What else would be accepted, such as `, or a folder`.

        Raises:
            AppError: With the known names.
        """
        if not (name in self or self.family(name) != name or is_reference(name)):
            raise AppError(
                f"{self.source} is '{name}'.",
                f"Expected one of: {self}; or {REFERENCE}{more}.",
                did_you_mean(name, self),
            )

    def load(self, name: str) -> Any:
        """Return the object that a name or a reference stands for.

        Raises:
            AppError: If the name is unknown, or the reference cannot be imported.
        """
        self.check(name)
        if self.family(name) != name:
            first, _, number = name.rpartition("-")
            return partial(import_reference(self._sized[first], self.source), int(number))
        return import_reference(str(self[name]) if name in self else name, self.source)


MODELS = Registry(
    "--model",
    {
        "dense": "app.models.dense:build_dense",
        "local": "app.models.local:build_local",
        "convnet": "app.models.convnet:build_convnet",
        "modern": "app.models.modern:build_modern",
        "large": "app.models.modern:build_large",
        "compact": "app.models.compact:build_compact",
        "deep": "app.models.stacked:build_deep",
        "quick": "app.models.quick:build_quick",
    },
    sized={"stack": "app.models.stacked:build_stack"},
)
_PRESETS = (
    "none", "lecture", "digits", "photographs", "photographs-short", "strong", "robust-digits",
    "robust-photographs", "auto",
)  # fmt: skip
AUGMENTATIONS = Registry(
    "--augment",
    {name: f"app.augmentation.presets:{name.replace('-', '_').upper()}" for name in _PRESETS},
)
OPTIMIZERS = Registry(
    "--optimizer",
    {
        "adamw": "app.training.optimizers:adamw",
        "sgd": "app.training.optimizers:sgd",
        "rmsprop": "app.training.optimizers:rmsprop",
        "muon": "app.training.optimizers:muon",
    },
)
# By family of images; a dataset's entry says which is its own.
RECIPES = Registry(
    "--recipe",
    {
        "default": {
            "digits": "app.training.recipes.digits_default:RECIPE",
            "photographs": "app.training.recipes.photographs_default:RECIPE",
        },
        "lecture": {
            "digits": "app.training.recipes.digits_lecture:RECIPE",
            "photographs": "app.training.recipes.photographs_lecture:RECIPE",
        },
        "fast": {
            "digits": "app.training.recipes.digits_fast:RECIPE",
            "photographs": "app.training.recipes.photographs_fast:RECIPE",
        },
        "best": {
            "digits": "app.training.recipes.digits_best:RECIPE",
            "photographs": "app.training.recipes.photographs_best:RECIPE",
        },
        "tiny": {"digits": "app.training.recipes.digits_tiny:RECIPE"},
    },
)
