"""Dense layers learn global patterns, convolutions local ones.

  python -m app lab locality -o lab

A dense and a convolutional network learn images whose pixels are shuffled:
within blocks of k×k pixels, or blocks of k×k pixels as wholes, by one order for
all images. This loses no information but separates neighbors, so only a network
that relies on neighborhoods of that size suffers. Five seeds, each with images,
an order and initial weights of its own; every network is trained until its loss
on other images stops falling, for 20 epochs at most. The convnet differs in
locality and in weight sharing, which this does not tell apart. In half an hour.
Slide: "The fundamental difference between Dense and CNN".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from app.data.dataset import Split
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, over_seeds, paired
from app.lab.wording import listed
from app.training.small_run import PATIENCE, accuracy_of

_NETWORKS = ("dense", "convnet")
_WITHIN, _OF = "pixels shuffled within k×k blocks", "k×k blocks shuffled"
_MOST_EPOCHS = 20
_SHOWN_CLASS = 5


def locality(options: ExperimentOptions) -> ExperimentResult:
    """Train each network on every arrangement of the pixels, with several seeds.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(20_000, 500),
        held_out=options.full_or_quick(5000, 500),
    )
    networks = _NETWORKS
    seeds = range(options.full_or_quick(SEEDS, 1))
    images = options.full_or_quick(1000, 400)
    epochs = options.full_or_quick(_MOST_EPOCHS, 1)
    blocks = divisors(examples.training.pixels.shape[1])
    if options.quick:
        blocks = [blocks[0], blocks[len(blocks) // 2], blocks[-1]]
    arms = arrangements(blocks)
    jobs: dict[str, Job] = {
        _name(model, arm, seed): partial(
            _train, examples, model, arm, (images, epochs, seed, len(seeds))
        )
        for seed in seeds
        for arm in arms
        for model in networks
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "networks": networks, "seeds": len(seeds), "arrangements": arms, "training": images,
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    rows: list[Row] = [
        {
            "model": model, "shuffled": arm[0], "block": arm[1], "seed": seed,
            **measured[_name(model, arm, seed)],
        }
        for model in networks
        for arm in arms
        for seed in seeds
    ]  # fmt: skip
    shown = {_WITHIN: blocks, _OF: middle(blocks)}
    figure = curve_panels(
        [
            CurvePanel(
                kind,
                ("block side k (pixels)", "accuracy"),
                [_curve(rows, model, kind, sides) for model in networks],
                logarithmic="x",
            )
            for kind, sides in shown.items()
        ],
        {kind: _images(examples, kind, sides) for kind, sides in shown.items()},
        title="Which networks rely on neighboring pixels: accuracy if they are shuffled",
        note=_note(examples, images, len(seeds)),
    )
    return ExperimentResult(
        _sentence(rows, networks, blocks), rows, {"locality": figure},
        _references(rows, networks, examples),
    )  # fmt: skip


def divisors(side: int) -> list[int]:
    """Return the sides of the blocks that an image can be cut into."""
    return [block for block in range(1, side + 1) if side % block == 0]


def arrangements(blocks: list[int]) -> list[tuple[str, int]]:
    """Return what is shuffled, and in blocks of which side, without repetition.

    Shuffled blocks of one pixel are pixels shuffled within the whole image.
    """
    return [*((_WITHIN, block) for block in blocks), *((_OF, k) for k in middle(blocks)[1:-1])]


def middle(blocks: list[int]) -> list[int]:
    """Return the sides of shuffled blocks: the ends, and all but the smallest between them."""
    return [blocks[0], *blocks[len(blocks) // 3 :]]


def pixel_order(side: int, kind: str, block: int, random: np.random.Generator) -> np.ndarray:
    """Return a random order `(side²,)` of the pixels of a square image.

    Args:
        side: Side of the image, a multiple of `block`.
        kind: Whether pixels are shuffled within blocks, each by its own order, or whole blocks.
        block: Side of a block.
        random: Random numbers.
    """
    across = side // block
    pixels = np.arange(side * side).reshape(across, block, across, block).swapaxes(1, 2)
    blocks = pixels.reshape(across * across, block * block)
    mixed = random.permuted(blocks, axis=1) if kind == _WITHIN else random.permutation(blocks)
    return mixed.reshape(across, across, block, block).swapaxes(1, 2).reshape(-1)


def reordered(examples: Split, order: np.ndarray) -> Split:
    """Return the images with their pixels in an order `(H·W,)`."""
    images = examples.pixels
    rows = images.reshape(len(images), len(order), images.shape[3])
    return replace(examples, images=rows[:, order].reshape(images.shape))


def _train(
    examples: ExampleImages, model: str, arm: tuple[str, int], amounts: tuple[int, ...]
) -> dict[str, float]:
    images, epochs, seed, seeds = amounts
    order = _order(examples, arm, seed)
    drawn = examples.drawn(images, seed, seeds)
    training, choosing, held_out = (reordered(part, order) for part in drawn)
    run = small_run(
        examples, model=model, augment="none", epochs=epochs, schedule="constant", seed=seed
    )
    network, epoch = run.train_to_plateau(training, choosing)
    return {"accuracy": round(accuracy_of(network, held_out), 4), "epochs": epoch}


def _order(examples: ExampleImages, arm: tuple[str, int], seed: int) -> np.ndarray:
    return pixel_order(examples.training.pixels.shape[1], *arm, np.random.default_rng(seed))


def _name(model: str, arm: tuple[str, int], seed: int) -> str:
    return f"{model}, {arm[0]}, k = {arm[1]}, seed {seed}"


def _of(rows: list[Row], model: str, kind: str, block: int) -> list[float]:
    """Return the accuracies of the seeds; the ends of the two kinds are the same."""
    ends = sorted({int(row["block"]) for row in rows if row["shuffled"] == _WITHIN})
    if kind == _OF and block in (ends[0], ends[-1]):
        kind, block = _WITHIN, ends[0] if block == ends[-1] else ends[-1]
    return [
        float(row["accuracy"])
        for row in rows
        if (row["model"], row["shuffled"], row["block"]) == (model, kind, block)
    ]


def _curve(rows: list[Row], model: str, kind: str, blocks: list[int]) -> BandedCurve:
    return BandedCurve(model, blocks, [over_seeds(_of(rows, model, kind, k)) for k in blocks])


def _images(examples: ExampleImages, kind: str, blocks: list[int]) -> list[np.ndarray]:
    """Return one image for each side of the blocks."""
    labels = examples.held_out.labels
    shown = examples.held_out.take(np.flatnonzero(labels == min(_SHOWN_CLASS, labels.max()))[:1])
    return [reordered(shown, _order(examples, (kind, k), 0)).pixels[0] for k in blocks]


def _sentence(rows: list[Row], networks: tuple[str, ...], blocks: list[int]) -> str:
    small, large, whole = blocks[len(blocks) // 3], blocks[len(blocks) // 2], blocks[-1]
    parts = []
    for model in networks:
        original = _of(rows, model, _WITHIN, 1)
        changes = [
            paired(_of(rows, model, kind, block), original).points
            for kind, block in ((_WITHIN, small), (_WITHIN, whole), (_OF, large))
        ]
        parts.append(
            f"{model} {over_seeds(original).percent} on the original images; {', '.join(changes)}"
        )
    limited = [row["model"] for row in rows if int(row["epochs"]) > _MOST_EPOCHS - PATIENCE]
    still = [f"{limited.count(model)} of {model}" for model in networks]
    return (
        "Accuracy with its 95% interval, and its difference in percentage points if pixels are "
        f"shuffled within blocks of {small}×{small}, over the whole image, and if blocks of "
        f"{large}×{large} are shuffled: {'. '.join(parts)}. "
        f"Of {len(rows) // len(networks)} trainings each, {listed(still)} were stopped by the "
        f"limit of {_MOST_EPOCHS} epochs, not by their loss."
    )


def _references(
    rows: list[Row], networks: tuple[str, ...], examples: ExampleImages
) -> list[Reference]:
    """Return the accuracies on the original images, which are the baseline."""
    return [
        Reference(
            f"{model} on the original images",
            over_seeds(_of(rows, model, _WITHIN, 1)).value,
            len(examples.held_out),
            examples.chance,
        )
        for model in networks
    ]


def _note(examples: ExampleImages, images: int, seeds: int) -> str:
    band = f"; mean and 95% interval of {seeds} seeds" if seeds > 1 else ""
    return (
        f"{images:,} training images of {examples.shown_name}, each network trained until its "
        f"loss on other images stops falling, at most {_MOST_EPOCHS} epochs, measured on "
        f"{len(examples.held_out):,} validation images{band}; below, one image at each k"
    )
