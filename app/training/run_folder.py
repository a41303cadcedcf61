"""Choose and lock the output folder of a run; never overwrite another run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from app.config import UNFINISHED
from app.data.registry import normal_dataset
from app.errors import AppError
from app.setting import flag
from app.storage.card import read_card
from app.storage.folder import CARD
from app.training.checkpoint import Checkpoint

_BUSY = "another process is training it"


@dataclass(frozen=True, kw_only=True)
class FolderRequest:
    """How the folder of a run is named, and what it may replace.

    Attributes:
        output: Folder of the saved models.
        name: Name given by the user, or `None`.
        default_name: Name if none is given; it gets a number where it is taken.
        suffix: Ending of every name, such as `-standin`.
        resume: Whether to resume an unfinished run.
        overwrite: Whether to replace what has the same name.
        source: Folder of the model that the run begins with, or `None`.
    """

    output: Path
    name: str | None
    default_name: str
    suffix: str
    resume: bool
    overwrite: bool
    source: Path | None = None

    def names(self) -> Iterator[str]:
        """Return the names to try, in order."""
        if self.name is not None:
            yield self.name.removesuffix(self.suffix) + self.suffix
            return
        base = self.default_name + self.suffix
        yield base
        yield from (f"{base}-{number}" for number in count(2))

    def checkpoint(self, name: str) -> Checkpoint:
        """Return the checkpoint of the run with this name."""
        return Checkpoint(self.output / f"{name}{UNFINISHED}")


@dataclass(frozen=True)
class _Identity:
    """Settings and images by which a run or a model is recognized."""

    settings: Mapping[str, Any]
    fingerprints: Mapping[str, str]

    def difference(self, settings: Mapping[str, Any], fingerprints: Mapping[str, str]) -> str:
        """Return the differences from another run, or an empty string."""
        different = different_settings(settings, self.settings)
        if different:
            return f"has another configuration ({different})"
        return "was trained on other images" if fingerprints != self.fingerprints else ""


def claim_folder(
    request: FolderRequest, settings: Mapping[str, Any], fingerprints: Mapping[str, str]
) -> Checkpoint:
    """Return the checkpoint of the run, locked.

    A name given with `--name` is taken or refused; the default name gets the first free number.
    A model of the same settings and images may be replaced.

    Args:
        request: Names to try.
        settings: Settings of the run that affect the model.
        fingerprints: `{split: fingerprint}` of its images.

    Raises:
        AppError: If there is nothing to resume, or the name is taken.
    """
    identity = _Identity(settings, fingerprints)
    if request.output.exists() and not request.output.is_dir():
        raise AppError(f"--output '{request.output}' is a file.", "Expected a folder.")
    if request.resume:
        return _claim_unfinished(request, identity)
    for name in request.names():
        checkpoint = request.checkpoint(name)
        reason = _why_taken(checkpoint, request, identity)
        if reason is None and not checkpoint.claim():
            reason = _BUSY
        if reason is None:
            return checkpoint
        if request.name is not None or request.overwrite:
            ours = (checkpoint.model_folder / CARD).exists() or checkpoint.exists
            ways = ["Choose another --name"]
            if ours and reason != _BUSY and not request.overwrite:
                ways.append("--overwrite it")
            if checkpoint.exists and reason != _BUSY:
                ways.append("--resume the run")
            raise AppError(
                f"The name '{name}' is taken: {reason}.",
                "Expected a free name, or the same configuration and images.",
                ", or ".join(ways) + ".",
            )
    raise AssertionError("there is always a free number")


def _why_taken(checkpoint: Checkpoint, request: FolderRequest, identity: _Identity) -> str | None:
    folder = checkpoint.model_folder
    if folder.exists() and not (folder / CARD).exists():
        return f"'{folder}' is no saved model"
    if request.overwrite:
        return None
    if checkpoint.exists:
        return "it has an unfinished run"
    if not folder.exists():
        return None
    if request.source is not None and folder.resolve() == request.source.resolve():
        return f"'{folder}' is the model that training begins with"
    card = read_card(folder / CARD)
    difference = identity.difference(card.configuration, card.fingerprints)
    return f"'{folder}' {difference}" if difference else None


def _claim_unfinished(request: FolderRequest, identity: _Identity) -> Checkpoint:
    reasons = []
    for name in _unfinished_names(request):
        checkpoint = request.checkpoint(name)
        if not checkpoint.exists:
            continue
        state = checkpoint.read()
        difference = identity.difference(state.recipe, state.fingerprints)
        if difference:
            reasons.append(f"'{name}' {difference}")
        elif not checkpoint.claim():
            reasons.append(f"another process is training '{name}'")
        else:
            return checkpoint
    raise AppError(
        f"There is no unfinished run to resume in '{request.output}'"
        + (f": {'; '.join(reasons)}." if reasons else "."),
        "Expected a run of the same configuration and images that was stopped.",
        "Repeat the stopped run's own flags with --resume, or train without --resume.",
    )


def _unfinished_names(request: FolderRequest) -> list[str]:
    """Return the names under which this run may have been stopped, the first ones first."""
    name = next(request.names())
    if request.name is not None:
        return [name]
    # Names before it may be free again.
    pattern = re.compile(rf"{re.escape(name)}(-\d+)?{re.escape(UNFINISHED)}")
    folders = [path.name for path in request.output.glob(f"*{UNFINISHED}")]
    names = [folder.removesuffix(UNFINISHED) for folder in folders if pattern.fullmatch(folder)]
    return sorted(names, key=lambda name: (len(name), name))


def different_settings(earlier: Mapping[str, Any], current: Mapping[str, Any]) -> str:
    """Return `epochs 5, not 3; …`: the settings in which an earlier run differs."""
    # Before there was a final size, it was that of the training images.
    if "image_size" in earlier:
        earlier = {"final_size": earlier["image_size"], **earlier}
    dataset = normal_dataset(earlier.get("dataset", current["dataset"]))
    earlier = {**earlier, "dataset": dataset}
    return "; ".join(
        f"{flag(name)[2:]} {earlier[name]}, not {current[name]}"
        for name in current
        if name in earlier and earlier[name] != current[name]  # older runs had fewer settings
    )
