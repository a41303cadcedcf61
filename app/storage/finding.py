"""Find a saved model by its path or by its name."""

from __future__ import annotations

import os
from pathlib import Path

import app
from app.config import MODELS_FOLDER
from app.errors import AppError
from app.files import recover_folder
from app.names import did_you_mean
from app.storage.folder import CARD, MODEL


def model_folders() -> list[Path]:
    """Return the folders that are searched for a model's name, in order.

    `saved_models/` in the working folder, the folder that `$CONVLAB_MODELS` names, and
    `saved_models/` next to the package, which only a checkout has.
    """
    places = [Path(MODELS_FOLDER)]
    if os.environ.get("CONVLAB_MODELS"):
        places.append(Path(os.environ["CONVLAB_MODELS"]))
    checkout = Path(app.__file__).resolve().parents[1] / MODELS_FOLDER
    if checkout.is_dir():
        places.append(checkout)
    unique: dict[Path, Path] = {}
    for place in places:
        unique.setdefault(place.resolve(), place)
    return list(unique.values())


def find_model(model: Path) -> Path:
    """Return the folder or file of a model.

    Args:
        model: Folder of the model, its name in one of `model_folders`, or a `.keras` or `.h5` file.

    Raises:
        AppError: If there is none.
    """
    folders = model_folders()
    for path in (model, *(folder / model for folder in folders)):
        recover_folder(path)
        if (path / CARD).is_file():
            return path
        if (path / MODEL).is_file():
            return path / MODEL
        if path.is_file():  # with any extension: the content decides
            return path
    if model.is_dir():
        from app.keras2.containers import container_kind, is_saved_model

        if is_saved_model(model):
            container_kind(model)  # raises, and says how to convert it
    what = (
        "holds no model" if model.is_dir()
        else "is not a regular file" if model.exists()
        else "does not exist"
    )  # fmt: skip
    known = {path.parent.name for folder in folders for path in folder.glob(f"*/{CARD}")}
    searched = ", ".join(f"'{folder.resolve()}'" for folder in folders)
    raise AppError(
        f"The model '{model}' {what}.",
        f"Expected the folder of a saved model, a .keras or .h5 file, or a name in {searched}.",
        f"{did_you_mean(str(model), sorted(known))} List the models: python -m app models".strip(),
    )
