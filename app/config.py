"""The configuration of a training run.

`RunSettings` holds what the user chose. It is the only list of settings: the flags are generated
from its fields. `app.training.recipes.resolve` completes it to a `RunConfig`, which is printed
first and written next to the model.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from app.data.folds import parse_fold
from app.data.registry import DATASETS, normal_dataset, source_of
from app.errors import AppError
from app.references import REFERENCE
from app.registries import AUGMENTATIONS, MODELS, OPTIMIZERS, RECIPES
from app.run_checks import check_name, check_sizes
from app.setting import Range, check, flag, setting

MODELS_FOLDER = "saved_models"
# What is written next to a model's folder: the checkpoint of a run, its logs, and its figures.
UNFINISHED, TENSORBOARD, WATCHED = ".unfinished", ".tensorboard", ".watched"
RESERVED_ENDINGS = (UNFINISHED, TENSORBOARD, WATCHED)

FITS = ("squash", "crop", "pad")  # rules of `app.data.fitting`, which imports Pillow

_COUNT = Range(1, 1_000_000)
_SHARE = Range(0.0, 1, below=True)
_RATE = Range(0.0, 10, above=True, typical="Typical values lie between 0.0001 and 0.01.")
_DECAY = Range(0.0, 10, typical="Typical values lie between 0.0001 and 0.1.")


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The settings of a run that the user chose; `None` means the value of the recipe.

    Raises:
        AppError: At construction, if a value is out of its range.
    """

    dataset: str = setting(
        "mnist",
        f"{DATASETS}; a folder with a subfolder per class, or with --labels; or {REFERENCE}",
    )
    recipe: str = setting(
        "default",
        f"defaults of the other settings: {RECIPES}; or {REFERENCE}; tiny is for digits",
        names=RECIPES,
    )
    model: str | None = setting(None, f"network: {MODELS}; or {REFERENCE}", names=MODELS)
    from_: str | None = setting(
        None,
        "begin with the weights of a saved model, of the same classes or others, and its network "
        "and image size; with a new schedule, where --resume finishes a run that was stopped",
    )
    freeze: int = setting(
        0,
        "do not train the first N layers with weights, nor their normalization (with --from)",
        limits=Range(0, 1000),
    )
    epochs: int | None = setting(
        None, "passes over the training images; few photographs get more", limits=_COUNT
    )
    batch_size: int | None = setting(None, "images per training step", limits=Range(1, 65_536))
    optimizer: str | None = setting(
        None,
        f"{OPTIMIZERS}; or {REFERENCE}; sgd has Nesterov's momentum",
        names=OPTIMIZERS,
    )
    learning_rate: float | None = setting(
        None,
        "highest learning rate of the schedule",
        limits=_RATE,
    )
    schedule: str | None = setting(
        None,
        "warm-up and cosine decay to zero, or a constant rate",
        names=("cosine", "constant"),
    )
    weight_decay: float | None = setting(
        None,
        "decoupled weight decay, as a fraction of the learning rate per step",
        limits=_DECAY,
    )
    label_smoothing: float | None = setting(
        None,
        "label smoothing: fraction of each label that is spread evenly over all classes",
        limits=_SHARE,
    )
    image_size: int | None = setting(
        None, "side in pixels that images are resized to", limits=Range(1, 4096)
    )
    fit: str | None = setting(
        None,
        "images of another aspect ratio: squash to a square, crop the middle, or pad with gray",
        names=FITS,
    )
    start_size: int | None = setting(
        None,
        "side in the first epochs; it grows to --image-size (modern, large, compact)",
        limits=Range(1, 4096),
    )
    final_size: int | None = setting(
        None,
        "side in pixels for evaluation and for the saved model (modern, large, compact)",
        limits=Range(1, 8192),
    )
    augment: str | None = setting(
        None,
        f"random transformations of training images: {AUGMENTATIONS}; settings such as "
        f"rotation_range=15,zoom_range=.1; a .json file of them; or {REFERENCE}",
    )
    dropout: float | None = setting(None, "dropout rate of the last features", limits=_SHARE)
    tta: bool | None = setting(
        None,
        "test-time augmentation: average predictions over several views (mirrored and cropped, or "
        "shifted and rotated, as in training)",
    )
    seed: int = setting(
        0,
        "seed of initial weights, order, augmentation and dropout; bit-identical weights also "
        "require the same --precision, and --deterministic",
        limits=Range(0, 2**32 - 1),
    )
    precision: str = setting(
        "auto",
        "floating-point type in training; auto measures once whether bfloat16 is faster, where the "
        "hardware supports it, and remembers the result",
        names=("auto", "float32", "bfloat16"),
    )
    limit: int | None = setting(
        None,
        "use only the first N training images, balanced over the classes",
        limits=Range(2, 10**9),
    )
    fold: str | None = setting(
        None,
        "cross-validation: divide training and validation images into COUNT stratified folds, of "
        "which this one validates (NUMBER/COUNT, such as 2/5)",
    )
    balance: str = setting(
        "auto",
        "classes of different sizes: weigh the loss, or sample each class equally often; auto "
        "samples (with --shuffle blocks, weighs) if the largest has over 1.5 times the images of "
        "the smallest",
        names=("auto", "none", "weights", "sampling"),
    )
    shuffle: str = setting(
        "full",
        "order of an epoch: all images, or for shards on slow disks blocks of 256 neighbors, "
        "within windows of 32 blocks, which is weaker",
        names=("full", "blocks"),
    )
    protocol: str = setting(
        "lecture",
        "catsdogs: 2,000 training images as in the lecture, or all images "
        "outside the validation and test splits",
        names=("lecture", "full"),
    )
    early_stopping: int | None = setting(
        None,
        "stop after N epochs without improvement on the validation images; counting starts when "
        "images have reached their full size",
        limits=_COUNT,
    )
    name: str | None = setting(
        None,
        "name of the saved model (default: DATASET-MODEL or DATASET-RECIPE)",
        affects_model=False,
    )
    output: str = setting(MODELS_FOLDER, "folder of the saved models", affects_model=False)
    resume: bool = setting(False, "resume after the last finished epoch", affects_model=False)
    overwrite: bool = setting(False, "replace a model or run of the same name", affects_model=False)
    tensorboard: bool = setting(False, "also write TensorBoard logs", affects_model=False)
    watch: str | None = setting(
        None,
        "image whose response maps and Grad-CAM are drawn after each epoch, with an animation",
        affects_model=False,
    )
    deterministic: bool = setting(
        False, "bit-identical weights for the same seed on the same machine; slower"
    )
    workers: int | None = setting(
        None,
        "threads that decode and augment (default: one per core)",
        affects_model=False,
        limits=Range(1, 256),
    )
    cache: str = setting(
        "auto",
        "keep decoded images in memory, or stream them from disk; device: with JAX, also augment "
        "them there; auto depends on free memory",
        affects_model=False,
        names=("auto", "memory", "device", "stream"),
    )
    data_dir: str | None = setting(
        None,
        "folder of the datasets (default: $CONVLAB_DATA, else datasets/)",
        affects_model=False,
    )
    stand_in: str = setting(
        "auto",
        "replace a dataset that cannot be downloaded with one that needs no download",
        affects_model=False,
        names=("auto", "never", "always"),
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "dataset", normal_dataset(self.dataset))
        for declared in settings():
            value = getattr(self, declared.name)
            if value is not None:
                check(declared, value)
        if self.fold is not None:
            parse_fold(self.fold)
        if self.freeze and self.from_ is None:
            raise AppError(
                f"--freeze {self.freeze} without --from.",
                "Expected a model whose first layers are kept: --from MODEL.",
            )
        if self.shuffle == "blocks" and self.balance == "sampling":
            raise AppError(
                "--shuffle blocks with --balance sampling, which draws images from anywhere.",
                "Expected one of the two.",
                "Use --balance weights.",
            )
        check_sizes(self)
        protocols = source_of(self.dataset).protocols
        if self.protocol != "lecture" and self.protocol not in protocols:
            raise AppError(
                f"--protocol {self.protocol} with the dataset '{self.dataset}'.",
                "Expected the dataset catsdogs; the others have one protocol.",
            )
        if self.name is not None:
            check_name(self.name, RESERVED_ENDINGS)

    def command(self, *, stand_in: bool = False) -> str:
        """Return the command that reproduces this model: the chosen settings that affect it.

        Args:
            stand_in: Whether the dataset was replaced by its stand-in.
        """
        words = ["python", "train.py"]
        for declared in settings():
            value = getattr(self, declared.name)
            given = value != declared.default or declared.name == "dataset"
            if not (given and declared.metadata["affects_model"]):
                continue
            if isinstance(value, bool):
                words.append(flag(declared.name) if value else f"--no-{flag(declared.name)[2:]}")
            else:
                words += [flag(declared.name), shlex.quote(str(value))]
        if stand_in:
            words += ["--stand-in", "always"]
        return " ".join(words)

    def model_settings(self) -> dict[str, Any]:
        """Return the settings that affect which model comes out."""
        return {f.name: getattr(self, f.name) for f in settings() if f.metadata["affects_model"]}


@dataclass(frozen=True, kw_only=True)
class RunConfig(RunSettings):
    """Every setting of one training run, as `app.training.recipes.resolve` completes it."""

    model: str = field()
    epochs: int = field()
    batch_size: int = field()
    optimizer: str = field()
    learning_rate: float = field()
    schedule: str = field()
    weight_decay: float = field()
    label_smoothing: float = field()
    image_size: int = field()
    fit: str = field()
    start_size: int = field()
    final_size: int = field()
    augment: str = field()
    dropout: float = field()
    tta: bool = field()
    workers: int = field()
    data_dir: str = field()


def settings() -> tuple[Field[Any], ...]:
    """Return the fields of `RunSettings`, each with its metadata."""
    return fields(RunSettings)


def completed(given: RunSettings, defaults: Mapping[str, Any]) -> RunConfig:
    """Return the configuration with the values of `defaults` where the user gave none."""
    chosen = {name: value for name, value in asdict(given).items() if value is not None}
    return RunConfig(**{**defaults, **chosen})
