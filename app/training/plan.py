"""The plan of a run: its configuration, interpreted once, before Keras starts.

Everything that can fail fast fails here: settings, the dataset, an image to watch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.augmentation.augmentation import Augmentation
from app.augmentation.domain_randomization import DomainRandomization
from app.augmentation.parsing import parse_augmentation
from app.augmentation.tta import View, identity, tta_views
from app.config import RunConfig, RunSettings
from app.data.dataset import SPLIT_NAMES, Dataset
from app.data.folds import parse_fold, with_fold
from app.data.mnist_style.normalize import reads_digits
from app.data.pixels import fits_in_memory
from app.data.registry import load_dataset, source_of
from app.reporting import Reporter
from app.training.checks import (
    check_limit,
    check_multi_label,
    check_tensorboard,
    check_watched,
    warn_of_enlarging,
)
from app.training.progressive_resizing import sides
from app.training.recipes import adapted, recipe_name, resolve
from app.training.run_folder import FolderRequest
from app.training.source import Source, check_source, read_source

if TYPE_CHECKING:
    import keras

    from app.models import Builder

# What lies where on this machine is not part of a model's card.
_LOCAL_SETTINGS = ("data_dir", "output", "watch")


@dataclass(frozen=True)
class Optimization:
    """Settings of the optimizer and the loss.

    Attributes:
        optimizer: Name or reference of the optimizer.
        learning_rate: Highest learning rate of the schedule.
        schedule: `cosine` with a warm-up, or `constant`.
        weight_decay: Decoupled weight decay, as a fraction of the learning rate per step.
        label_smoothing: Fraction of each label that is spread over all classes.
    """

    optimizer: str
    learning_rate: float
    schedule: str
    weight_decay: float
    label_smoothing: float

    @classmethod
    def of(cls, config: RunConfig) -> Optimization:
        """Return the optimization of a resolved configuration."""
        return cls(
            config.optimizer,
            config.learning_rate,
            config.schedule,
            config.weight_decay,
            config.label_smoothing,
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run will do.

    Attributes:
        given: Settings that the user chose.
        configuration: All settings for the model's card.
        settings: Settings that affect the model.
        dataset: Dataset, limited if so configured.
        folder: Request for the folder of the run.
        build: Function that returns a new, uncompiled network for images of `image_size`.
        network: Name or reference of the network.
        source: Model whose weights the run begins with, or `None`.
        image_size: `(height, width)` of training images in pixels.
        final_size: `(height, width)` that the network is evaluated on and saved for.
        fit: Rule for images of another aspect ratio, a name of `app.data.fitting`.
        sides: Side in pixels of each epoch's images.
        in_memory: Whether to keep decoded images in memory.
        on_device: Whether training images are augmented on JAX's device; `None` if it is an
            accelerator.
        workers: Threads that decode and augment.
        batch_size: Images per training step.
        seed: Seed of weights, order, augmentation and dropout.
        augmentation: Random transformation of training images, or `None`.
        randomization: Initial ranges of automatic domain randomization, or `None`.
        soft_targets: Whether targets are soft labels: images are mixed, or labels smoothed.
        balance: What makes up for classes of different sizes, a name of `app.data.balance`.
        shuffle: Order of an epoch: `full`, or `blocks` for that of `app.data.block_shuffle`.
        optimization: Optimizer and loss.
        patience: Epochs without improvement after which to stop, or `None`.
        precision: `float32`, `bfloat16`, or `auto` for the faster one.
        deterministic: Whether TensorFlow must use deterministic operations.
        views: Views of an image over which the saved model averages.
        mnist_style: Whether images are converted to the format of MNIST for predictions.
        tensorboard: Whether to write TensorBoard logs.
        watch: Image to draw after each epoch, or `None`.
        test: Whether the finished network is evaluated on the test images.
    """

    given: RunSettings
    configuration: dict[str, Any]
    settings: dict[str, Any]
    dataset: Dataset
    folder: FolderRequest
    build: Callable[[], keras.Model]
    network: str
    source: Source | None
    image_size: tuple[int, int]
    final_size: tuple[int, int]
    fit: str
    sides: tuple[int, ...]
    in_memory: bool
    on_device: bool | None
    workers: int
    batch_size: int
    seed: int
    augmentation: Augmentation | None
    randomization: DomainRandomization | None
    soft_targets: bool
    balance: str
    shuffle: str
    optimization: Optimization
    patience: int | None
    precision: str
    deterministic: bool
    views: tuple[View, ...]
    mnist_style: bool
    tensorboard: bool
    watch: Path | None
    test: bool

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.dataset.class_names)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """`{split: fingerprint}` of the images."""
        return self.dataset.fingerprints()

    def command(self, precision: str) -> str:
        """Return the command that reproduces the model with the precision that was used."""
        return replace(self.given, precision=precision).command(stand_in=self.dataset.stand_in)


def make_plan(
    given: RunSettings,
    reporter: Reporter,
    *,
    build: Builder | None = None,
    dataset: Dataset | None = None,
    test: bool = True,
) -> Plan:
    """Interpret a configuration and load its dataset.

    Args:
        given: Settings that the user chose; the recipe has the others.
        reporter: Reporter for messages and progress.
        build: Function that returns a network, called as `build(image shape, number of classes,
            dropout)`; by default the builder that the settings name.
        dataset: Dataset to use instead of the one that the settings name.
        test: Whether the finished network is evaluated on the test images.

    Raises:
        AppError: If the settings or the data do not allow the run.
    """
    if build is not None:
        given = replace(given, model=_reference_of(build))
    config = resolve(given)
    parse_augmentation(config.augment)  # fails before the dataset is fetched
    watch = check_watched(config.watch)
    if config.tensorboard:
        check_tensorboard()
    if dataset is None:
        dataset = load_dataset(
            config.dataset,
            Path(config.data_dir),
            protocol=config.protocol,
            stand_in=config.stand_in,
            reporter=reporter,
        )
    if config.fold is not None:
        dataset.require_one_label("--fold")
        dataset = with_fold(dataset, parse_fold(config.fold))
    if config.limit is not None:
        check_limit(config.limit, len(dataset.class_names))
        dataset = dataset.with_training_limit(config.limit)
    config = adapted(given, config, len(dataset.train), reporter, stand_in=dataset.stand_in)
    augmentation = parse_augmentation(config.augment)
    check_multi_label(config, dataset)
    source = read_source(config.from_, config.freeze) if config.from_ else None
    if source is not None:
        check_source(source, config, dataset)
    final_size = (config.final_size, config.final_size)
    may_flip = source_of(config.dataset).may_mirror
    views: tuple[View, ...] = (identity,)
    if config.tta:
        views = tta_views(augmentation or Augmentation(), final_size, may_flip=may_flip)
    if given.tta and len(views) == 1:
        reporter.warning(
            "note: --tta changes nothing: after this training only the image itself is a fair view."
        )
    if given.image_size is not None:
        warn_of_enlarging(given.image_size, dataset.train, reporter)
    size = (config.image_size, config.image_size)
    total = sum(len(dataset.split(name)) for name in SPLIT_NAMES)
    fits = fits_in_memory(total, size, dataset.channels)
    auto_precision = "float32" if config.deterministic else "auto"  # the same on every machine
    return Plan(
        given=given,
        configuration={
            name: value for name, value in asdict(config).items() if name not in _LOCAL_SETTINGS
        },
        settings=config.model_settings(),
        dataset=dataset,
        folder=FolderRequest(
            output=Path(config.output),
            name=config.name,
            default_name=f"{dataset.name}-{recipe_name(config, stand_in=dataset.stand_in)}",
            suffix="-standin" if dataset.stand_in else "",
            resume=config.resume,
            overwrite=config.overwrite,
            source=source.folder if source else None,
        ),
        build=_network_builder(build, config, dataset),
        network=config.model,
        source=source,
        image_size=size,
        final_size=final_size,
        fit=config.fit,
        sides=tuple(sides(config.start_size, config.image_size, config.epochs)),
        in_memory=config.cache == "memory" or (config.cache != "stream" and fits),
        on_device={"auto": None, "device": True}.get(config.cache, False),
        workers=config.workers,
        batch_size=config.batch_size,
        seed=config.seed,
        augmentation=augmentation,
        randomization=DomainRandomization.beginning(horizontal_flip=may_flip)
        if config.augment == "auto"
        else None,
        soft_targets=config.label_smoothing > 0
        or (augmentation is not None and augmentation.mixes),
        balance=config.balance,
        shuffle=config.shuffle,
        optimization=Optimization.of(config),
        patience=config.early_stopping,
        precision=auto_precision if config.precision == "auto" else config.precision,
        deterministic=config.deterministic,
        views=views,
        mnist_style=reads_digits(config.dataset, dataset.channels),
        tensorboard=config.tensorboard,
        watch=watch,
        test=test,
    )


def _network_builder(
    build: Builder | None, config: RunConfig, dataset: Dataset
) -> Callable[[], keras.Model]:
    shape = (config.image_size, config.image_size, dataset.channels)
    name, num_classes, dropout = config.model, len(dataset.class_names), config.dropout

    def build_network() -> keras.Model:
        from app.models import build_model
        from app.models.output import with_independent_outputs

        network = build_model(name, shape, num_classes, dropout, build)
        if dataset.multi_label:
            return with_independent_outputs(network, num_classes)
        return network

    return build_network


def _reference_of(build: Builder) -> str:
    name = getattr(build, "__name__", type(build).__name__)
    return f"{build.__module__}:{name.strip('<>')}"  # of a lambda: `lambda`
