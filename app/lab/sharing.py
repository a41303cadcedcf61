"""When do untied weights win?

  python -m app lab sharing -o lab
  python -m app lab sharing --dataset drawn-faces -o lab/faces

A network with locally connected layers, whose weights are untied, is compared
with two convolutional ones: of as many filters, which has the same number of
operations, and of as many parameters. They are trained on 300 and 1,000 images,
centered and randomly shifted, with five seeds, until neither loss nor accuracy
on other images improves; each network has the learning rate that is best on
these. The drawn faces stand in for aligned photographs; real ones are a folder
with a subfolder per person. In half an hour. Slides: "CNN: parameter sharing",
"CNN: NOT parameter sharing".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

from app.data.registry import source_of
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.sharing_training import FULL, QUICK, Protocol, Training, shifted, train
from app.lab.store import Job
from app.lab.uncertainty import over_seeds, paired
from app.lab.untied_networks import ARMS, FLOPS, PARAMETERS, UNTIED, network_of
from app.lab.wording import listed
from app.training.small_run import PATIENCE

_DATASET = "mnist"
_PLACES = ("centered", "shifted")
# Largest shift to either side, as a share of the width. A quarter of it keeps a digit almost whole;
# other subjects fill more of their images.
_SHIFT_OF_DIGITS, _SHIFT = 1 / 4, 1 / 8


def sharing(options: ExperimentOptions) -> ExperimentResult:
    """Choose a learning rate for each network, then train it with several seeds.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    protocol = QUICK if options.quick else FULL
    examples = load_examples(options, _DATASET, training=protocol.pool, held_out=protocol.held_out)
    protocol = protocol._replace(counts=tuple(examples.counts(protocol.counts)))
    of_digits = source_of(examples.dataset).mnist_style
    share = _SHIFT_OF_DIGITS if of_digits else _SHIFT
    moved = [
        shifted(part, share, seed)
        for seed, part in enumerate((examples.training, examples.held_out))
    ]
    placed = {
        "centered": examples,
        "shifted": replace(examples, training=moved[0], held_out=moved[1]),
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "shift": share,
        "patience": PATIENCE, **protocol._asdict(),
    }  # fmt: skip

    def measure(trainings: list[Training], seeds: range, description: str) -> dict[str, Any]:
        jobs: dict[str, Job] = {
            one.job(seed): partial(train, placed[one.place], one, protocol, seed)
            for seed in seeds
            for one in trainings
        }
        return options.measure(jobs, settings, description)

    rates = _best_rates(protocol, measure)
    trainings = [
        Training(arm, place, count, rates[arm, place])
        for place in _PLACES
        for arm in ARMS
        for count in protocol.counts
    ]
    seeds, counts = range(protocol.seeds), protocol.counts
    measured = measure(trainings, seeds, "training networks")
    rows: list[Row] = [
        {
            "weights": one.arm, "images": one.place, "training_images": one.images,
            "learning_rate": one.rate, "seed": seed,
            "steps": measured[one.job(seed)]["steps"],
            "plateau": measured[one.job(seed)]["plateau"],
            "accuracy": round(measured[one.job(seed)]["accuracy"], 4),
        }
        for one in trainings
        for seed in seeds
    ]  # fmt: skip
    shape, classes = examples.training.pixels.shape[1:], len(examples.class_names)
    sizes = [f"{arm} {network_of(arm, shape, classes).count_params():,}" for arm in ARMS]
    figure = curve_panels(
        [
            CurvePanel(
                f"{place} images",
                ("training images", f"accuracy on {place} images"),
                [
                    BandedCurve(arm, counts, [over_seeds(_of(rows, arm, place, n)) for n in counts])
                    for arm in ARMS
                ],
                logarithmic="x",
            )
            for place in _PLACES
        ],
        {place: list(placed[place].held_out.pixels[:6]) for place in _PLACES},
        title="Untied and shared weights, at equal numbers of operations and of parameters",
        note=f"Parameters: {'; '.join(sizes)}. Until the plateau of loss and accuracy on other "
        f"images, at the best of {len(protocol.rates)} learning rates; "
        f"{len(examples.held_out):,} validation images of "
        f"{source_of(examples.dataset).description or examples.shown_name}; 95% intervals of "
        f"{protocol.seeds} seeds",
    )
    return ExperimentResult(
        " ".join([_sentence(rows, counts), *_remarks(rows, protocol, examples)]), rows,
        {"sharing": figure}, _references(rows, counts, examples),
    )  # fmt: skip


def _best_rates(
    protocol: Protocol, measure: Callable[[list[Training], range, str], dict[str, Any]]
) -> dict[tuple[str, str], float]:
    """Return the learning rate that suits each network and place best."""
    if len(protocol.rates) == 1:
        return dict.fromkeys(product(ARMS, _PLACES), protocol.rates[0])
    seed = protocol.seeds  # none of those that measure
    tried = {
        (arm, place): [Training(arm, place, protocol.counts[-1], rate) for rate in protocol.rates]
        for arm, place in product(ARMS, _PLACES)
    }
    found = measure([one for same in tried.values() for one in same], range(seed, seed + 1),
                    "choosing rates")  # fmt: skip
    return {
        key: max(same, key=lambda one: float(found[one.job(seed)]["choosing"])).rate
        for key, same in tried.items()
    }


def _of(rows: list[Row], arm: str, place: str, count: int) -> list[float]:
    return [
        float(row["accuracy"])
        for row in rows
        if (row["weights"], row["images"], row["training_images"]) == (arm, place, count)
    ]


def _sentence(rows: list[Row], counts: Sequence[int]) -> str:
    parts = []
    for place in _PLACES:
        for count in counts:
            untied = _of(rows, UNTIED, place, count)
            changes = [
                f"{paired(untied, _of(rows, arm, place, count)).points} to {arm}"
                for arm in (FLOPS, PARAMETERS)
            ]
            parts.append(
                f"{count:,} {place} images: untied {over_seeds(untied).percent}, "
                f"{' and '.join(changes)}"
            )
    return (
        "Accuracy of untied weights, and its difference in percentage points to shared weights, "
        f"with 95% intervals. {'. '.join(parts)}."
    )


def _remarks(rows: list[Row], protocol: Protocol, examples: ExampleImages) -> list[str]:
    """Return how many trainings did not reach their plateau, and what the images are."""
    limited = [row["weights"] for row in rows if not row["plateau"]]
    remark = (
        f"Of {len(rows) // len(ARMS)} trainings each, the limit of "
        f"{protocol.epochs * protocol.steps:,} steps, not a plateau, ended "
        f"{listed([f'{limited.count(arm)} ({arm})' for arm in ARMS])}."
    )
    description = source_of(examples.dataset).description
    return [remark, f"Images: {description}."] if description else [remark]


def _references(rows: list[Row], counts: Sequence[int], examples: ExampleImages) -> list[Reference]:
    """Return the accuracies of shared weights with the most images."""
    return [
        Reference(
            f"{PARAMETERS}, {place} images",
            over_seeds(_of(rows, PARAMETERS, place, counts[-1])).value,
            len(examples.held_out),
            examples.chance,
        )
        for place in _PLACES
    ]
