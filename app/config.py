"""The configuration of a training run, and the names that can stand in it.

`RunConfig` is the one list of settings: the command line's flags are made from its fields, it is
printed first and written beside the model. Names are plain tuples, so that `--help` imports
nothing heavy; tests hold them equal to the registries behind them.
"""

from __future__ import annotations

import os
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.errors import AppError

MODELS_FOLDER = "saved_models"
# What stands beside a model's folder: the checkpoint of a run, and its logs.
UNFINISHED, TENSORBOARD = ".unfinished", ".tensorboard"
RESERVED_ENDINGS = (UNFINISHED, TENSORBOARD)

# Images that mean something else when they are mirrored; their models and pictures are small.
DIGIT_DATASETS = ("mnist", "digits")
DATASETS = ("mnist", "catsdogs", "digits", "drawn")
MODELS = ("dense", "local", "convnet", "modern")
AUGMENTATIONS = ("none", "lecture", "digits", "strong", "auto")

# What a setting becomes when no flag names it: by kind of dataset, then by model. The choices
# were measured (benchmarks/README.md); `image_size` and the rest of the photographs' `convnet` are
# the lecture's.
_DATASET_DEFAULTS: dict[str, dict[str, Any]] = {
    "digits": {"model": "modern", "image_size": 28, "batch_size": 128, "augment": "none"},
    "photographs": {"model": "modern", "image_size": 128, "batch_size": 32, "augment": "lecture"},
}
_MODEL_DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("digits", "dense"): {"epochs": 5, "learning_rate": 1e-3, "dropout": 0.0},
    ("digits", "local"): {"epochs": 5, "learning_rate": 2e-3, "dropout": 0.5},
    ("digits", "convnet"): {"epochs": 5, "learning_rate": 2e-3, "dropout": 0.5},
    ("digits", "modern"): {"epochs": 5, "learning_rate": 4e-3, "dropout": 0.3},
    ("photographs", "dense"): {"epochs": 20, "learning_rate": 3e-4, "dropout": 0.0},
    ("photographs", "local"): {
        "epochs": 20, "learning_rate": 5e-4, "dropout": 0.5, "image_size": 150,
    },
    ("photographs", "convnet"): {
        "epochs": 20, "learning_rate": 5e-4, "dropout": 0.5, "image_size": 150,
    },
    ("photographs", "modern"): {"epochs": 60, "learning_rate": 2e-3, "dropout": 0.5},
}  # fmt: skip
_STAND_INS = {"mnist": "digits", "catsdogs": "drawn"}
# A small dataset needs more passes over it for the same number of steps.
_DATASET_EPOCHS = {"digits": 15, "drawn": 20}


def _setting(
    default: Any, help_text: str, *, recipe: bool = True, choices: tuple[str, ...] | None = None
) -> Any:
    return field(
        default=default, metadata={"help": help_text, "recipe": recipe, "choices": choices or ()}
    )


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Every setting of one training run.

    Types are those after `resolved()`; until then a setting that was left open is `None` and
    means the dataset's and model's own default. Settings marked `recipe` decide which model comes
    out; the others decide where it goes and how the work is done.

    Raises:
        AppError: At construction, if a value is out of its range.
    """

    dataset: str = _setting(
        "mnist", f"one of {', '.join(DATASETS)}, or a folder with a sub-folder per class"
    )
    model: str = _setting(None, "kind of network", choices=MODELS)
    epochs: int = _setting(None, "passes over the training images")
    batch_size: int = _setting(None, "images per training step")
    learning_rate: float = _setting(None, "highest rate of the warm-up and cosine schedule")
    image_size: int = _setting(None, "side in pixels that images are squashed to")
    augment: str = _setting(
        None,
        f"random transformations of training images: {', '.join(AUGMENTATIONS)}; settings such as "
        "rotation_range=15,zoom_range=.1; or a .json file of them",
    )
    dropout: float = _setting(None, "share of the last features dropped while training")
    seed: int = _setting(0, "seed of weights, order, augmentation and dropout")
    precision: str = _setting(
        "auto",
        "arithmetic while training; auto tries bfloat16 where the hardware has it",
        choices=("auto", "float32", "bfloat16"),
    )
    limit: int | None = _setting(None, "use the first N training images, balanced over classes")
    protocol: str = _setting(
        "lecture",
        "catsdogs: 2,000 training images as in the lecture, or all that do not test or validate",
        choices=("lecture", "full"),
    )
    early_stopping: int | None = _setting(
        None, "stop after N epochs without a better validation accuracy"
    )
    name: str | None = _setting(
        None, "name of the saved model (default: DATASET-MODEL)", recipe=False
    )
    output: str = _setting(MODELS_FOLDER, "folder that holds the saved models", recipe=False)
    resume: bool = _setting(False, "go on from the last finished epoch", recipe=False)
    overwrite: bool = _setting(False, "replace what is saved under the same name", recipe=False)
    tensorboard: bool = _setting(False, "also write TensorBoard logs", recipe=False)
    deterministic: bool = _setting(
        False, "same seed, same machine, same weights; slower", recipe=False
    )
    workers: int = _setting(
        None, "threads that decode and augment (default: one per core)", recipe=False
    )
    cache: str = _setting(
        "auto",
        "keep decoded images in memory, or stream them from disk; auto: by free memory",
        recipe=False,
        choices=("auto", "memory", "stream"),
    )
    data_dir: str = _setting(
        None, "folder of the datasets (default: $CONVLAB_DATA, else datasets/)", recipe=False
    )
    stand_in: str = _setting(
        "auto",
        "replace a dataset that cannot be downloaded by one that needs no network",
        recipe=False,
        choices=("auto", "never", "always"),
    )

    def __post_init__(self) -> None:
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise AppError(
                    f"--{name.replace('_', '-')} is {value}.",
                    f"Expected a whole number from {lowest:,} to {highest:,}.",
                )
        if self.learning_rate is not None and not 0 < self.learning_rate <= 10:
            raise AppError(
                f"--learning-rate is {self.learning_rate}.",
                "Expected a number above 0 and at most 10.",
                "Typical values lie between 0.0001 and 0.01.",
            )
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise AppError(
                f"--dropout is {self.dropout}.", "Expected a share from 0 to below 1, such as 0.5."
            )
        for setting in settings():
            choices, value = setting.metadata["choices"], getattr(self, setting.name)
            if choices and value is not None and value not in choices:
                raise AppError(
                    f"--{setting.name.replace('_', '-')} is '{value}'.",
                    f"Expected one of: {', '.join(choices)}.",
                )
        if self.protocol != "lecture" and self.dataset != "catsdogs":
            raise AppError(
                f"--protocol {self.protocol} with the dataset '{self.dataset}'.",
                "Expected the dataset catsdogs; the others have one protocol.",
            )
        if self.name is not None and (
            not self.name.strip()
            or Path(self.name).name != self.name
            or self.name.startswith(".")
            or self.name.endswith(RESERVED_ENDINGS)
        ):
            raise AppError(
                f"--name is '{self.name}'.",
                "Expected a plain folder name: no slashes, no leading dot, and none of the "
                f"endings {', '.join(RESERVED_ENDINGS)}.",
                "Use --output for the folder that it goes into.",
            )

    def resolved(self, *, stand_in: bool = False) -> RunConfig:
        """Return the configuration with every default filled in.

        Args:
            stand_in: Whether the dataset is replaced by its stand-in, whose defaults then count.
        """
        dataset = _STAND_INS[self.dataset] if stand_in else self.dataset
        kind = "digits" if dataset in DIGIT_DATASETS else "photographs"
        defaults = dict(_DATASET_DEFAULTS[kind])
        model = self.model or defaults["model"]
        defaults |= _MODEL_DEFAULTS[kind, model]
        if dataset in _DATASET_EPOCHS:
            defaults["epochs"] = _DATASET_EPOCHS[dataset]
        defaults["workers"] = os.cpu_count() or 1
        defaults["data_dir"] = str(default_data_dir())
        missing = {name: value for name, value in defaults.items() if getattr(self, name) is None}
        return replace(self, **missing)

    def recipe(self) -> dict[str, Any]:
        """Return the settings that decide which model comes out."""
        return {f.name: getattr(self, f.name) for f in settings() if f.metadata["recipe"]}


def settings() -> tuple[Field[Any], ...]:
    """Return the fields of `RunConfig`, each with its help, choices and whether it is recipe."""
    return fields(RunConfig)


def default_data_dir() -> Path:
    """Return where datasets are kept unless a flag says otherwise."""
    return Path(os.environ.get("CONVLAB_DATA") or "datasets")


_RANGES = {
    "epochs": (1, 1_000_000),
    "batch_size": (1, 65_536),
    "image_size": (1, 4096),
    "seed": (0, 2**32 - 1),
    "limit": (2, 10**9),
    "early_stopping": (1, 1_000_000),
    "workers": (1, 256),
}
