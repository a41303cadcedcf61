"""The epochs of a run: batches in, a checkpoint after each."""

from __future__ import annotations

from pathlib import Path

import keras

from app.augmentation.augmentation import Augmentation
from app.augmentation.domain_randomization import DomainRandomization
from app.config import RunConfig
from app.data.batches import Batches, EnterEpoch, as_fit_input, raising_app_errors
from app.data.pixels import DecodedSplit
from app.data.registry import source_of
from app.reporting import Reporter
from app.training.checkpoint import Checkpoint, State
from app.training.domain_randomization import Randomize
from app.training.finish import EVALUATION_BATCH
from app.training.interruption import Interrupted, Interruption
from app.training.progressive_resizing import sides, stages
from app.training.recorder import HEADER, Recorder
from app.training.reseeding import Reseeding
from app.training.targets import needs_shares, targets
from app.training.tensorboard import tensorboard_callback
from app.training.watching import Watch


def fit(
    config: RunConfig,
    augmentation: Augmentation | None,
    model: keras.Model,
    state: State,
    checkpoint: Checkpoint,
    folder: Path,
    decoded: dict[str, DecodedSplit],
    num_classes: int,
    reporter: Reporter,
    watch: Watch | None = None,
) -> tuple[State, bool]:
    """Train; return how far the run came, and whether that is its end."""
    train_split, validation = decoded["train"], decoded["validation"]
    soft = needs_shares(config, augmentation)
    growing = sides(config.start_size, config.image_size, config.epochs)
    batches = Batches(
        train_split.images,
        targets(train_split.examples.labels, num_classes, soft=soft),
        config.batch_size,
        shuffle=True,
        augment=augmentation,
        seed=config.seed,
        workers=config.workers,
        sides=growing,
    )
    validation_batches = Batches(
        validation.images,
        targets(validation.examples.labels, num_classes, soft=soft),
        EVALUATION_BATCH,
        workers=config.workers,
    )
    randomize = None
    if config.augment == "auto":
        randomize = Randomize(
            batches,
            validation.images,
            validation.examples.labels,
            randomization=_resumed_randomization(config, checkpoint),
            seed=config.seed,
            num_classes=num_classes,
        )
    with reporter.progress("epoch") as update, Interruption() as interruption:
        recorder = Recorder(
            checkpoint,
            state,
            len(batches.labels),
            growing,
            config.early_stopping,
            reporter,
            update,
            extra=randomize.row if randomize is not None else dict,
        )
        if recorder.gives_up:
            return state, True
        callbacks = [
            EnterEpoch(batches),
            Reseeding(config.seed),
            interruption,
            *([randomize] if randomize is not None else []),
            recorder,  # after what it records
            *([tensorboard_callback(folder)] if config.tensorboard else []),
            *([watch] if watch is not None else []),
        ]
        reporter.info(HEADER)
        try:
            # A `fit` has images of one size.
            for first, end in stages(growing, state.epoch):
                batches.enter_epoch(first)
                with raising_app_errors(batches, validation_batches):
                    model.fit(
                        as_fit_input(batches),
                        validation_data=as_fit_input(validation_batches),
                        initial_epoch=first,
                        epochs=end,
                        shuffle=False,  # the batches do it; Keras would shuffle once more
                        verbose=0,
                        callbacks=callbacks,
                    )
                if model.stop_training:
                    break
            interruption.check()
        except Interrupted:
            return recorder.state, False
    return recorder.state, True


def _resumed_randomization(config: RunConfig, checkpoint: Checkpoint) -> DomainRandomization:
    """Return the ranges that the last finished epoch left, or those to begin with."""
    flip = source_of(config.dataset).may_mirror
    rows = checkpoint.history()
    if not rows:
        return DomainRandomization.beginning(horizontal_flip=flip)
    return DomainRandomization.from_ranges(rows[-1], horizontal_flip=flip)
