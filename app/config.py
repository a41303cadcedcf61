"""The configuration of a training run, and the names that can stand in it.

`RunConfig` is the one list of settings: the command line's flags are made from its fields, it is
printed first and written beside the model. Names are plain tuples, so that `--help` imports
nothing heavy; tests hold them equal to the registries behind them.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.names import did_you_mean

MODELS_FOLDER = "saved_models"
# What stands beside a model's folder: the checkpoint of a run, its logs, and its pictures.
UNFINISHED, TENSORBOARD, WATCHED = ".unfinished", ".tensorboard", ".watched"
RESERVED_ENDINGS = (UNFINISHED, TENSORBOARD, WATCHED)

# Images that mean something else when they are mirrored; their models and pictures are small.
DIGIT_DATASETS = ("mnist", "digits")
DATASETS = ("mnist", "catsdogs", "digits", "drawn")
# What has the same classes and needs no network.
STAND_INS = {"mnist": "digits", "catsdogs": "drawn"}
MODELS = ("dense", "local", "convnet", "modern", "large", "deep", "quick", "mini")
ANY_SIZE = ("modern", "large")  # those that average over all positions
AUGMENTATIONS = ("none", "lecture", "digits", "photographs", "strong", "auto")
OPTIMIZERS = ("adamw", "sgd", "rmsprop")
SCHEDULES = ("cosine", "constant")
RECIPES = ("default", "lecture", "fast", "best", "tiny")


def _setting(
    default: Any, help_text: str, *, decides: bool = True, choices: tuple[str, ...] | None = None
) -> Any:
    return field(
        default=default, metadata={"help": help_text, "decides": decides, "choices": choices or ()}
    )


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Every setting of one training run.

    A setting that was left open is `None` until `app.training.recipes.resolve` fills it in from a
    recipe; types are those after that. Settings marked `decides` decide which model comes out; the
    others, where it goes and how the work is done.

    Raises:
        AppError: At construction, if a value is out of its range.
    """

    dataset: str = _setting(
        "mnist", f"one of {', '.join(DATASETS)}, or a folder with a sub-folder per class"
    )
    recipe: str = _setting(
        "default",
        "settings for all that you do not set yourself; tiny is for digits",
        choices=RECIPES,
    )
    model: str = _setting(None, f"kind of network: {', '.join(MODELS)}", choices=MODELS)
    epochs: int = _setting(None, "passes over the training images")
    batch_size: int = _setting(None, "images per training step")
    optimizer: str = _setting(
        None, "how weights follow gradients; sgd is with Nesterov's momentum", choices=OPTIMIZERS
    )
    learning_rate: float = _setting(None, "highest rate of the schedule")
    schedule: str = _setting(
        None, "warm-up and a cosine down to zero, or one rate throughout", choices=SCHEDULES
    )
    weight_decay: float = _setting(None, "share of the rate by which weights shrink each step")
    label_smoothing: float = _setting(None, "share of each label that is given to all classes")
    image_size: int = _setting(None, "side in pixels that images are squashed to")
    start_size: int = _setting(
        None, "side in the first epochs, which grows to --image-size (modern, large)"
    )
    final_size: int = _setting(
        None, "side that the trained network is judged on and saved for (modern, large)"
    )
    augment: str = _setting(
        None,
        f"random transformations of training images: {', '.join(AUGMENTATIONS)}; settings such as "
        "rotation_range=15,zoom_range=.1; or a .json file of them",
    )
    dropout: float = _setting(None, "share of the last features dropped while training")
    tta: bool = _setting(
        None,
        "test-time augmentation: judge and predict by the mean of several views, mirrored and of "
        "the middle, or shifted and turned, as training was",
    )
    seed: int = _setting(
        0,
        "seed of weights, order, augmentation and dropout; the same weights to the last bit need "
        "the same --precision, and --deterministic",
    )
    precision: str = _setting(
        "auto",
        "arithmetic while training; auto tries bfloat16 once, where the hardware has it, and "
        "remembers which was faster",
        choices=("auto", "float32", "bfloat16"),
    )
    limit: int | None = _setting(None, "use the first N training images, balanced over classes")
    protocol: str = _setting(
        "lecture",
        "catsdogs: 2,000 training images as in the lecture, or all that do not test or validate",
        choices=("lecture", "full"),
    )
    early_stopping: int | None = _setting(
        None,
        "stop after N epochs without a better one on validation images, counted once images "
        "have their full size",
    )
    name: str | None = _setting(
        None, "name of the saved model (default: DATASET-MODEL or DATASET-RECIPE)", decides=False
    )
    output: str = _setting(MODELS_FOLDER, "folder that holds the saved models", decides=False)
    resume: bool = _setting(False, "go on from the last finished epoch", decides=False)
    overwrite: bool = _setting(False, "replace what is saved under the same name", decides=False)
    tensorboard: bool = _setting(False, "also write TensorBoard logs", decides=False)
    watch: str | None = _setting(
        None,
        "image whose response maps and Grad-CAM are drawn after each epoch, with an animation",
        decides=False,
    )
    deterministic: bool = _setting(False, "same seed, same machine, same weights; slower")
    workers: int = _setting(
        None, "threads that decode and augment (default: one per core)", decides=False
    )
    cache: str = _setting(
        "auto",
        "keep decoded images in memory, or stream them from disk; auto: by free memory",
        decides=False,
        choices=("auto", "memory", "stream"),
    )
    data_dir: str = _setting(
        None, "folder of the datasets (default: $CONVLAB_DATA, else datasets/)", decides=False
    )
    stand_in: str = _setting(
        "auto",
        "replace a dataset that cannot be downloaded by one that needs no network",
        decides=False,
        choices=("auto", "never", "always"),
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "dataset", normal_dataset(self.dataset))
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise AppError(
                    f"--{name.replace('_', '-')} is {value}.",
                    f"Expected a whole number from {lowest:,} to {highest:,}.",
                )
        if self.start_size is not None:
            self._check_start_size(self.start_size)
        if self.final_size is not None:
            self._check_final_size(self.final_size)
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
        if self.weight_decay is not None and not 0 <= self.weight_decay <= 10:
            raise AppError(
                f"--weight-decay is {self.weight_decay}.",
                "Expected a number from 0 to 10.",
                "Typical values lie between 0.0001 and 0.1.",
            )
        if self.label_smoothing is not None and not 0 <= self.label_smoothing < 1:
            raise AppError(
                f"--label-smoothing is {self.label_smoothing}.",
                "Expected a share from 0 to below 1, such as 0.1.",
            )
        for setting in settings():
            choices, value = setting.metadata["choices"], getattr(self, setting.name)
            if choices and value is not None and value not in choices:
                raise AppError(
                    f"--{setting.name.replace('_', '-')} is '{value}'.",
                    f"Expected one of: {', '.join(choices)}.",
                    did_you_mean(str(value), choices),
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
            or not is_utf8(self.name)
        ):
            raise AppError(
                f"--name is '{self.name}'.",
                "Expected a plain folder name in UTF-8: no slashes, no leading dot, and none of "
                f"the endings {', '.join(RESERVED_ENDINGS)}.",
                "Use --output for the folder that it goes into.",
            )

    def _check_start_size(self, start: int) -> None:
        end = self.image_size or start
        if not start <= end <= 3 * start:
            raise AppError(
                f"--start-size is {start}, --image-size {end}.",
                "Expected a side from a third of --image-size up to --image-size.",
                "In smaller images nothing would be left for the last filters.",
            )
        if start < end:
            self._require_any_size("--start-size", "to train on images of one size")

    def _check_final_size(self, final: int) -> None:
        trained = self.image_size or final
        if not trained <= final <= 2 * trained:
            raise AppError(
                f"--final-size is {final}, --image-size {trained}.",
                "Expected a side from --image-size up to twice that.",
                "A tenth more suits augmentation that magnifies.",
            )
        if trained < final:
            self._require_any_size("--final-size", "to judge on images of the size it learned from")

    def _require_any_size(self, flag: str, otherwise: str) -> None:
        if self.model not in (None, *ANY_SIZE):
            raise AppError(
                f"{flag} with the network '{self.model}', which is made for one size.",
                f"Expected a network that averages over all positions: {', '.join(ANY_SIZE)}.",
                f"Leave {flag} out {otherwise}.",
            )

    def command(self, *, stand_in: bool = False) -> str:
        """Return the command that makes this model anew: the named settings that decide it.

        Args:
            stand_in: Whether the dataset was replaced by its stand-in.
        """
        words = ["python", "train.py"]
        for setting in settings():
            value = getattr(self, setting.name)
            named = value != setting.default or setting.name == "dataset"
            if not (named and setting.metadata["decides"]):
                continue
            flag = setting.name.replace("_", "-")
            if isinstance(value, bool):
                words.append(f"--{flag}" if value else f"--no-{flag}")
            else:
                words += [f"--{flag}", shlex.quote(str(value))]
        if stand_in:
            words += ["--stand-in", "always"]
        return " ".join(words)

    def outcome_settings(self) -> dict[str, Any]:
        """Return the settings that decide which model comes out."""
        return {f.name: getattr(self, f.name) for f in settings() if f.metadata["decides"]}


def settings() -> tuple[Field[Any], ...]:
    """Return the fields of `RunConfig`, each with its help, choices and whether it `decides`."""
    return fields(RunConfig)


def normal_dataset(dataset: str) -> str:
    """Return the one way to write a dataset's name or folder: `photos/` is `photos`."""
    if dataset in DATASETS:
        return dataset
    folder = str(Path(dataset))
    return f"{os.curdir}{os.sep}{folder}" if folder in DATASETS else folder


def is_utf8(name: str) -> bool:
    """Return whether a name can be written: a file's may hold what no character stands for."""
    return name.encode(errors="ignore").decode() == name


def default_data_dir() -> Path:
    """Return where datasets are kept unless a flag says otherwise."""
    return Path(os.environ.get("CONVLAB_DATA") or "datasets")


_RANGES = {
    "epochs": (1, 1_000_000),
    "batch_size": (1, 65_536),
    "image_size": (1, 4096),
    "start_size": (1, 4096),
    "final_size": (1, 8192),
    "seed": (0, 2**32 - 1),
    "limit": (2, 10**9),
    "early_stopping": (1, 1_000_000),
    "workers": (1, 256),
}
