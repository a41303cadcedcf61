"""From a plan to batches: decoded splits, and what could not be decoded."""

from __future__ import annotations

import time
from dataclasses import dataclass

import keras
import numpy as np

from app.augmentation.augmentation import Augmentation
from app.data.balance import MANY_REPETITIONS, Balance, is_unbalanced
from app.data.batches import Batches
from app.data.block_shuffle import BlockShuffle
from app.data.dataset import SPLIT_NAMES, class_counts
from app.data.pixels import DecodedSplit, Decoder, Images, PrepareBatch
from app.errors import AppError
from app.reporting import Reporter, counted, format_duration
from app.training import distribution
from app.training.compile import training_targets
from app.training.plan import Plan

EVALUATION_BATCH = 128


@dataclass(frozen=True)
class Inputs:
    """The images of a run.

    Attributes:
        splits: Decoded splits by name.
        training: Augmented batches of training images.
        validation: Batches of validation images.
        balance: What makes up for classes of different sizes.
    """

    splits: dict[str, DecodedSplit]
    training: Batches
    validation: Batches
    balance: Balance

    @property
    def unbalanced(self) -> bool:
        """Whether epochs are compared by balanced accuracy: validation classes differ in size.

        Those of a multi-label dataset are not.
        """
        labels = self.splits["validation"].examples.labels
        if labels.ndim == 2:
            return False
        return is_unbalanced(class_counts(labels, self.balance.num_classes))

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """`(name, reason)` of every file that could not be decoded."""
        return [entry for split in self.splits.values() for entry in split.skipped]


def load_inputs(plan: Plan, reporter: Reporter) -> Inputs:
    """Decode all three splits, in memory or to be streamed, and prepare their batches.

    Raises:
        AppError: If a class of a split has no readable image, or images cannot be augmented on the
            device although they have to.
    """
    if plan.on_device:
        _check_device(plan)
    share = distribution.share()
    splits = _decode_splits(plan, reporter)
    counts = ", ".join(f"{len(split.examples):,} {name}" for name, split in splits.items())
    reporter.info(f"Images: {plan.dataset.source}; {counts}.")
    labels = splits["train"].examples.labels
    in_blocks = plan.shuffle == "blocks"
    # Sampling draws images from anywhere.
    automatic = "weights" if in_blocks else "sampling"
    balance = Balance.chosen(plan.balance, labels, plan.num_classes, automatic)
    _report_balance(balance, plan.dataset.class_names, reporter)
    targets = {
        name: training_targets(split.examples.labels, plan.num_classes, soft=plan.soft_targets)
        for name, split in splits.items()
    }
    return Inputs(
        splits,
        training=Batches(
            splits["train"].images,
            targets["train"],
            plan.batch_size,
            shuffle=BlockShuffle() if in_blocks else True,
            augment=plan.augmentation,
            seed=plan.seed,
            workers=plan.workers,
            sides=plan.sides,
            prepare=_on_device(plan, splits["train"].images, targets["train"], reporter),
            balance=balance,
            share=share,
        ),
        validation=Batches(
            splits["validation"].images,
            targets["validation"],
            EVALUATION_BATCH - EVALUATION_BATCH % share.count,
            workers=plan.workers,
            share=share,
        ),
        balance=balance,
    )


def _check_device(plan: Plan) -> None:
    """Refuse `--cache device` where it cannot work."""
    if keras.backend.backend() != "jax":
        raise AppError(
            f"--cache device with the backend {keras.backend.backend()}.",
            "Expected JAX, which augments images on its device.",
            "pip install -e '.[jax]', set KERAS_BACKEND=jax, and repeat the command.",
        )
    if not _runs_on_device(plan.augmentation):
        raise AppError(
            f"--cache device with --augment '{plan.augmentation}', which runs on the CPU only.",
            "Expected settings of the built-in augmentation, with interpolation_order=1.",
            "Use --cache memory.",
        )


def _runs_on_device(augmentation: Augmentation | None) -> bool:
    # A user's function is a subclass.
    return augmentation is None or (
        type(augmentation) is Augmentation and augmentation.interpolation_order == 1
    )


def _on_device(
    plan: Plan, images: Images, targets: np.ndarray, reporter: Reporter
) -> PrepareBatch | None:
    """Return what prepares training batches on the device, or `None` for the CPU."""
    if plan.on_device is False or keras.backend.backend() != "jax":
        return None
    if distribution.share().count > 1:  # each process augments its rows of a batch
        return None
    if not _runs_on_device(plan.augmentation):
        return None
    from app.augmentation.on_device import DeviceImages, has_accelerator

    if plan.on_device is None and not has_accelerator():
        return None
    on_device = DeviceImages(images, targets)
    reporter.info(
        "Training images are kept and augmented on the device."
        if on_device.stay
        else "Training images are sent to the device batch by batch, and augmented there."
    )
    return on_device.batch


def _decode_splits(plan: Plan, reporter: Reporter) -> dict[str, DecodedSplit]:
    dataset = plan.dataset
    total = sum(len(dataset.split(name)) for name in SPLIT_NAMES)
    started = time.perf_counter()
    decoder = Decoder(plan.image_size, dataset.channels, plan.in_memory, plan.workers, plan.fit)
    splits = {}
    for name in SPLIT_NAMES:
        with reporter.progress(f"decoding {name} images") as update:
            splits[name] = decoder.decode(dataset.split(name), dataset.class_names, update)
    if dataset.train.in_files:
        how = "kept in memory" if plan.in_memory else "checked; they will be streamed from disk"
        reporter.info(
            f"Decoded {total:,} images in {format_duration(time.perf_counter() - started)}: {how}."
        )
    skipped = [entry for split in splits.values() for entry in split.skipped]
    if skipped:
        reporter.warning(
            f"Skipped {len(skipped):,} of {counted(total, 'file')}, which cannot be decoded: "
            + "; ".join(f"{name} ({reason})" for name, reason in skipped[:3])
            + ("; …" if len(skipped) > 3 else ".")
            + " The model's skipped.csv will list them."
        )
    return splits


def _report_balance(balance: Balance, class_names: tuple[str, ...], reporter: Reporter) -> None:
    """Report how imbalanced the classes are, where accuracy alone would mislead."""
    counts = balance.counts
    if balance.labels.ndim == 2 or not is_unbalanced(counts):
        return
    present = np.flatnonzero(counts)  # of few images, some classes may have none
    most, least = int(counts.argmax()), int(present[counts[present].argmin()])
    reporter.info(
        f"Classes are imbalanced: {counts[most]:,} of '{class_names[most]}', {counts[least]:,} "
        f"of '{class_names[least]}'. Always predicting '{class_names[most]}' would be right in "
        f"{counts[most] / counts.sum():.2%}.",
        balance.text,
    )
    repetitions = balance.quotas[least] / counts[least]
    if balance.method == "sampling" and repetitions > MANY_REPETITIONS:
        reporter.warning(
            f"warning: each of the {counts[least]:,} training images of '{class_names[least]}' is "
            f"repeated {repetitions:.0f} times per epoch, so the network may memorize them. Add "
            "images of this class."
        )
