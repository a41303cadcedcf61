"""One training run, from its configuration to a saved model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import keras

from app.augmentation.parsing import parse_augmentation
from app.augmentation.tta import views_of
from app.config import RunConfig, RunSettings
from app.data.batches import Batches
from app.data.dataset import SPLIT_NAMES, Dataset
from app.data.pixels import DecodedSplit
from app.data.registry import load_dataset
from app.errors import AppError
from app.models import build_model
from app.reporting import CONSOLE, Reporter
from app.signals import stop_status
from app.storage.card import read_card
from app.storage.folder import CARD
from app.training.checkpoint import Checkpoint, State
from app.training.compilation import compile_model
from app.training.finish import Outcome, finish
from app.training.fitting import fit
from app.training.naming import claim_folder
from app.training.precision import choose_precision, precision_policy
from app.training.preparation import decode_splits, report_balance, warn_of_enlarging
from app.training.progressive_resizing import of_size
from app.training.recipes import changes, resolve
from app.training.targets import needs_shares, targets
from app.training.tensorboard import check_tensorboard
from app.training.watching import begin_watching, check_watched

Build = Callable[[], keras.Sequential]


def train(given: RunSettings, reporter: Reporter = CONSOLE) -> Outcome:
    """Train a network as the settings say and save it.

    The best weights by validation accuracy are kept; the test images are looked at once, at the
    end. Ctrl-C saves the best so far, without looking at them, and keeps what resuming needs.

    Args:
        given: Settings that were chosen; the recipe has the others.
        reporter: Reporter for the run's record, warnings and progress.

    Raises:
        AppError: If the settings, the data or the disk do not allow it.
    """
    config = resolve(given)
    parse_augmentation(config.augment)  # a slip should not wait for the data
    check_watched(config)
    if config.tensorboard:
        check_tensorboard()
    if config.deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    splits = load_dataset(
        config.dataset,
        Path(config.data_dir),
        protocol=config.protocol,
        stand_in=config.stand_in,
        reporter=reporter,
    )
    if splits.stand_in:
        planned, config = config, resolve(given, stand_in=True)
        own = changes(planned, config)
        if own:
            reporter.info(f"The stand-in has defaults of its own: {own}.")
    if config.limit is not None:
        _check_limit(config.limit, len(splits.class_names))
        splits = splits.with_training_limit(config.limit)
    if given.tta and len(views_of(asdict(config), (config.final_size, config.final_size))) == 1:
        reporter.warning(
            "note: --tta changes nothing: only the image itself is fair after this training."
        )
    if given.image_size is not None:
        warn_of_enlarging(given.image_size, splits.train, reporter)
    folder, checkpoint = claim_folder(config, splits)
    try:
        return _run(config, given, splits, folder, checkpoint, reporter)
    except KeyboardInterrupt:  # before the first epoch, or while the model is measured and saved
        if checkpoint.exists:
            reporter.warning("Stopped. To go on, repeat the command with --resume.")
        raise
    finally:
        checkpoint.release()


def _run(
    config: RunConfig,
    given: RunSettings,
    splits: Dataset,
    folder: Path,
    checkpoint: Checkpoint,
    reporter: Reporter,
) -> Outcome:
    augmentation = parse_augmentation(config.augment)

    def build() -> keras.Sequential:
        shape = (config.image_size, config.image_size, splits.channels)
        return build_model(config.model, shape, len(splits.class_names), config.dropout)

    build()  # too small an image should fail before anything is decoded
    decoded = decode_splits(config, splits, reporter)
    counts = ", ".join(f"{len(decoded[name].examples):,} {name}" for name in SPLIT_NAMES)
    reporter.info(f"Images: {splits.source}; {counts}.")
    report_balance(decoded["train"], splits.class_names, reporter)
    watch = begin_watching(config, splits, folder, reporter) if config.watch else None
    soft = needs_shares(config, augmentation)
    model, state = _begin(config, splits, checkpoint, build, decoded, reporter, soft=soft)
    reporter.info(f"Model: {folder}; {model.count_params():,} parameters, {state.precision}.")
    state, finished = fit(
        config,
        augmentation,
        model,
        state,
        checkpoint,
        folder,
        decoded,
        len(splits.class_names),
        reporter,
        watch,
    )
    animation = watch.animate() if watch is not None else None
    if animation is not None:
        reporter.info(f"Watched: {animation}.")
    # Another machine may find another precision to be faster.
    command = replace(given, precision=state.precision).command(stand_in=splits.stand_in)
    if not finished:
        _check_worth_saving(folder, state)
    outcome = finish(
        config, splits, decoded, build(), checkpoint, folder, command=command, finished=finished
    )
    _report_compared(outcome, reporter)
    if finished:
        checkpoint.finish()
    else:
        reporter.warning(
            f"Stopped after epoch {state.epoch} of {config.epochs}. The best so far, of epoch "
            f"{outcome.card.training['best_epoch']}, is saved. To go on, repeat the command with "
            "--resume."
        )
    return outcome


def _report_compared(outcome: Outcome, reporter: Reporter) -> None:
    """Show the row of the saved epoch, where it was chosen by more than one view of each image."""
    facts = outcome.card.training
    accuracies = {one["epoch"]: one["accuracy"] for one in facts["compared_epochs"]}
    saved = accuracies.pop(facts["best_epoch"])
    for other, accuracy in accuracies.items():
        how = f"mean of {facts['views']} views" if facts["views"] > 1 else "in its final size"
        epoch, epochs = facts["best_epoch"], outcome.card.configuration["epochs"]
        reporter.info(
            f"{epoch:3d}/{epochs:<3d}   saved: val. acc. {saved:.4f}* ({how}; epoch {other}: "
            f"{accuracy:.4f})"
        )


def _check_limit(limit: int, num_classes: int) -> None:
    if limit < num_classes:
        raise AppError(
            f"--limit is {limit}, but there are {num_classes} classes.",
            "Expected at least one image of each class.",
        )


def _check_worth_saving(folder: Path, state: State) -> None:
    """Let a stopped run save its best so far, unless there is none or a finished one stands."""
    if state.best_epoch == 0:
        raise AppError(
            "Stopped before the first epoch was finished: there is nothing to keep.",
            fix="Shorter epochs: --limit 500.",
            status=stop_status(),
        )
    if (folder / CARD).exists() and read_card(folder / CARD).finished:
        raise AppError(
            f"Stopped after epoch {state.epoch}. '{folder}' holds a finished model, which stays.",
            fix="To go on, repeat the command with --resume.",
            status=stop_status(),
        )


def _begin(
    config: RunConfig,
    splits: Dataset,
    checkpoint: Checkpoint,
    build: Build,
    decoded: dict[str, DecodedSplit],
    reporter: Reporter,
    *,
    soft: bool,
) -> tuple[keras.Model, State]:
    """Return a compiled model, new or as the last finished epoch left it, and the state."""
    if config.resume:
        state = checkpoint.read()
        checkpoint.drop_later_rows()
        if state.epoch:
            reporter.info(f"Resuming after epoch {state.epoch} of {config.epochs}.")
            return _last_model(checkpoint.last_model(state.epoch)), state
    train_split = decoded["train"]
    steps_per_epoch = -(-len(train_split.examples) // config.batch_size)

    def build_compiled() -> keras.Model:
        model = build()
        if config.start_size < config.image_size:
            model = of_size(model, None)
        steps = steps_per_epoch * config.epochs
        compile_model(model, config, num_classes=len(splits.class_names), steps=steps, soft=soft)
        return model

    precision = config.precision
    if precision == "auto" and config.deterministic:
        precision = "float32"  # the same on every machine
    if precision == "auto":
        wanted = targets(train_split.examples.labels, len(splits.class_names), soft=soft)
        batch = Batches(train_split.images, wanted, config.batch_size)[0]
        precision, reason = choose_precision(config.model, build_compiled, *batch)
        reporter.info(f"Precision: {precision}; {reason}.")
    keras.utils.set_random_seed(config.seed)
    with precision_policy(precision):
        model = build_compiled()
    state = State(config.model_settings(), splits.fingerprints(), precision)
    checkpoint.start(state)
    return model, state


def _last_model(path: Path) -> keras.Model:
    """Return the model and optimiser of an unfinished run."""
    import app.keras2.layers
    import app.layers  # noqa: F401  both register layers

    try:
        return keras.models.load_model(path)
    except (TypeError, ValueError) as error:  # another version had other layers or schedules
        reason = " ".join(str(error).split()).partition(". ")[0].removesuffix(".")
        raise AppError(
            f"'{path}' cannot be read: {reason}.",
            "Expected the model of an unfinished run of this version.",
            "Start over: the same command with --overwrite in the place of --resume.",
        ) from None
