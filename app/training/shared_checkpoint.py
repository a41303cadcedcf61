"""The checkpoint of a run over several processes: the first one has it, the others a copy."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.storage.folder import HISTORY
from app.training import agreement, distribution
from app.training.checkpoint import STATE, Checkpoint, State
from app.training.run_folder import claim_folder

if TYPE_CHECKING:
    import keras

    from app.training.plan import Plan


class Copy(Checkpoint):
    """What another process than the first keeps of a run, in a temporary folder.

    It takes the same decisions as the first process, from the same numbers, and writes no model.

    Args:
        folder: Temporary folder with the name of the first process's.
    """

    def save_epoch(
        self, model: keras.Model, state: State, row: Mapping[str, float], is_best: bool
    ) -> None:
        """Keep the row and the state of a finished epoch."""
        self._append(row)
        self._write_state(state)

    def release(self) -> None:
        """Remove the temporary folder."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def claim_checkpoint(plan: Plan) -> Checkpoint:
    """Return the checkpoint of a run: locked in the first process, a copy of it in the others.

    Raises:
        AppError: In every process, if there is nothing to resume, or the name is taken.
    """
    claim = partial(claim_folder, plan.folder, plan.settings, plan.fingerprints)
    if distribution.share().count == 1:
        return claim()
    claimed: list[Checkpoint] = []

    def decide() -> dict[str, str]:
        claimed.append(claim())
        return _files_to_resume(claimed[0]) if plan.folder.resume else {"": claimed[0].folder.name}

    files = agreement.decided(decide)
    if claimed:
        return claimed[0]
    copy = Copy(Path(tempfile.mkdtemp(prefix="convlab-")) / files.pop(""))
    copy.folder.mkdir()
    for name, content in files.items():
        (copy.folder / name).write_bytes(base64.b64decode(content))
    return copy


def _files_to_resume(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the name of the folder, and the files that begin the next epoch, in base 64."""
    last = checkpoint.last_variables(checkpoint.read().epoch)
    paths = [checkpoint.folder / STATE, checkpoint.folder / HISTORY, last]
    return {"": checkpoint.folder.name} | {
        path.name: base64.b64encode(path.read_bytes()).decode() for path in paths if path.exists()
    }
