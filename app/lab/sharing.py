"""When do untied weights win?

  python -m app lab sharing -o lab
  python -m app lab sharing --dataset drawn-faces -o lab/faces

A network with locally connected layers, whose weights are untied, is compared
with two convolutional ones: of as many filters, which has the same number of
operations, and of as many parameters. They are trained on 300 and 3,000 images,
centered and randomly shifted, with five seeds; each network has the learning
rate that is best on other images. Digits are shown for 500 steps, at a rate
that decays to zero; other images until the loss on others stops falling. The
drawn faces stand in for aligned photographs; real ones are a folder with a
subfolder per person. In half an hour. Slides: "CNN: parameter sharing", "CNN:
NOT parameter sharing".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from app.data.registry import source_of
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.sharing_training import DIGITS, OTHERS, Protocol, Training, shifted, train
from app.lab.small_run import PATIENCE
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, over_seeds, paired
from app.lab.untied_networks import ARMS, FLOPS, PARAMETERS, UNTIED, network_of

_DATASET = "mnist"
_PLACES = ("centered", "shifted")
_COUNTS, _QUICK_COUNTS = (300, 3000), (100, 300)


def sharing(options: ExperimentOptions) -> ExperimentResult:
    """Choose a learning rate for each network, then train it with several seeds.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    requested = _QUICK_COUNTS if options.quick else _COUNTS
    of_digits = source_of(options.dataset or _DATASET).mnist_style
    protocol = DIGITS if of_digits else OTHERS
    if options.quick:
        protocol = protocol.quick()
    examples = load_examples(
        options,
        _DATASET,
        training=options.full_or_quick(20_000, 500),
        held_out=protocol.held_out,
    )
    counts = examples.counts(requested)
    moved = [
        shifted(part, protocol.shift, seed)
        for seed, part in enumerate((examples.training, examples.held_out))
    ]
    placed = {
        "centered": examples,
        "shifted": replace(examples, training=moved[0], held_out=moved[1]),
    }
    seeds = options.full_or_quick(SEEDS, 1)
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "counts": counts,
        "seeds": seeds, "steps": protocol.steps, "most": protocol.most, "rates": protocol.rates,
    }  # fmt: skip

    def jobs(trainings: list[Training], numbers: range) -> dict[str, Job]:
        return {
            one.job(seed): partial(train, placed[one.place], one, protocol, (seed, seeds))
            for seed in numbers
            for one in trainings
        }

    tried = [
        Training(arm, place, counts[-1], rate)
        for arm in ARMS
        for place in _PLACES
        for rate in protocol.rates
    ]
    # The seed that chooses the rate is none of those that measure.
    found = options.measure(jobs(tried, range(seeds, seeds + 1)), settings, "choosing rates")
    chosen = {}
    for arm in ARMS:
        for place in _PLACES:
            right = [
                found[Training(arm, place, counts[-1], rate).job(seeds)]["choosing"]
                for rate in protocol.rates
            ]
            chosen[arm, place] = protocol.rates[int(np.argmax(right))]
    trainings = [
        Training(arm, place, count, chosen[arm, place])
        for place in _PLACES
        for arm in ARMS
        for count in counts
    ]
    measured = options.measure(jobs(trainings, range(seeds)), settings, "training networks")
    rows: list[Row] = [
        {
            "weights": one.arm, "images": one.place, "training_images": one.images,
            "learning_rate": one.rate, "seed": seed,
            "steps": measured[one.job(seed)]["steps"],
            "accuracy": round(measured[one.job(seed)]["accuracy"], 4),
        }
        for one in trainings
        for seed in range(seeds)
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
        note=f"Parameters: {'; '.join(sizes)}. {_training_of(protocol)}; "
        f"{len(examples.held_out):,} validation images of "
        f"{source_of(examples.dataset).description or examples.shown_name}; 95% intervals of "
        f"{seeds} seeds",
    )
    return ExperimentResult(
        " ".join([_sentence(rows, counts), *_remarks(rows, protocol, examples)]), rows,
        {"sharing": figure}, _references(rows, counts, examples),
    )  # fmt: skip


def _of(rows: list[Row], arm: str, place: str, count: int) -> list[float]:
    return [
        float(row["accuracy"])
        for row in rows
        if (row["weights"], row["images"], row["training_images"]) == (arm, place, count)
    ]


def _sentence(rows: list[Row], counts: list[int]) -> str:
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


def _training_of(protocol: Protocol) -> str:
    rates = f"at the best of {len(protocol.rates)} learning rates"
    if protocol.most == protocol.steps:
        return f"{protocol.steps} steps {rates}, decayed to zero"
    return f"Until the loss on other images stops falling, at most {protocol.most:,} steps, {rates}"


def _remarks(rows: list[Row], protocol: Protocol, examples: ExampleImages) -> list[str]:
    """Return how many trainings did not reach their plateau, and what the images are."""
    remarks = []
    if protocol.most > protocol.steps:
        last = protocol.most - PATIENCE * protocol.steps
        limited = [row["weights"] for row in rows if int(row["steps"]) > last]
        found = [f"{limited.count(arm)} of {arm}" for arm in ARMS]
        remarks.append(
            f"Of {len(rows) // len(ARMS)} trainings each, {'; '.join(found)} were stopped by the "
            f"limit of {protocol.most:,} steps, not by their loss."
        )
    description = source_of(examples.dataset).description
    return [*remarks, f"Images: {description}."] if description else remarks


def _references(rows: list[Row], counts: list[int], examples: ExampleImages) -> list[Reference]:
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
