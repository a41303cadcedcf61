"""Export a saved model: write it, measure it beside the original, and describe it, or refuse.

The result is one folder: the network, `run.py`, which needs only the runtime, `README.md`, and
`export.json`. It is written completely or not at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.classifier import Classifier
from app.classifier.dataset_images import Selection, select_images
from app.deploy.folder import README, RECORD, SCRIPT, check_folder, written_files
from app.deploy.measure import Measured, Network, measure, size_of
from app.deploy.model_card import Facts, model_card
from app.deploy.script import script
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.export.formats import FORMATS, Format
from app.export.portable import Portable, portable
from app.files import atomic_folder
from app.metrics import DISTRIBUTION
from app.reporting import SILENT, Reporter
from app.statistics.temperature import stored_temperature, with_temperature
from app.storage.folder import LITERT, MODEL

TOLERANCE = 0.5  # points of accuracy
LEAST_SPEEDUP = 1.5  # of int8 over float32
_CALIBRATION_IMAGES = 200


@dataclass(frozen=True, kw_only=True)
class Request:
    """How to export a model.

    Attributes:
        format: One of `FORMATS`.
        tolerance: Points of accuracy that the export may lose.
        keep_slower: Whether int8 is kept if it is hardly faster than float32.
        dataset: Name or folder of a dataset; `None` for that of the model's card.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.

    Raises:
        AppError: If the tolerance is no share of accuracy.
    """

    format: str
    tolerance: float = TOLERANCE
    keep_slower: bool = False
    dataset: str | None = None
    data_dir: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= 100:
            raise AppError(
                f"--tolerance is {self.tolerance:g}.", "Expected points of accuracy from 0 to 100."
            )


def export_model(
    classifier: Classifier, request: Request, folder: Path, reporter: Reporter = SILENT
) -> Facts:
    """Write a model in another format, with a script that runs it and a README.

    Args:
        classifier: Model to export.
        request: Format and tolerance.
        folder: Folder to write.
        reporter: Reporter of messages and progress.

    Returns:
        What was measured.

    Raises:
        AppError: If the folder holds anything but an export, the format's packages are missing, the
            validation images are not there, the conversion fails, or the result is less accurate or
            slower than allowed; then nothing is written.
    """
    replaced = check_folder(folder)
    form = FORMATS[request.format]
    form.require()
    single, result = _with_one_view(classifier, request, reporter)
    calibration = _calibration_images(single, form, request, reporter)
    opened = classifier.inspect()
    exported = portable(
        opened.keras_model,
        (*classifier.image_size, classifier.channels),
        classifier.class_names,
        single.temperature,
    )
    with atomic_folder(folder) as new:
        networks = [_original(single, result.probabilities)]
        if form.quantized:
            networks.append(_written(FORMATS["litert"], exported, new / "float32", calibration))
        networks.append(_written(form, exported, new / form.file, calibration))
        (new / "float32").unlink(missing_ok=True)
        rows = measure(
            networks, result.decoded, classifier.class_names, classifier.thresholds, reporter
        )
        _check_accuracy(rows[0], rows[-1], request.tolerance)
        if form.quantized and not request.keep_slower:
            _check_speed(*rows[1:])
        facts = Facts(
            classifier=classifier,
            format=form,
            rows=rows,
            result=result,
            temperature=single.temperature,
            calibrated_on=len(calibration),
        )
        (new / SCRIPT).write_text(
            script(form, exported.image_shape, classifier.fit, classifier.thresholds), "utf-8"
        )
        (new / README).write_text(model_card(facts), "utf-8")
        _write_record(new, request, facts)
    if replaced:
        reporter.info(f"replaced the export in '{folder}': it held {replaced}")
    return facts


def _with_one_view(
    classifier: Classifier, request: Request, reporter: Reporter
) -> tuple[Classifier, EvaluationResult]:
    """Return the model as it will be exported, with its evaluation on the validation images.

    The temperature of several views is not that of one, so these images choose another.
    """
    single = classifier.with_views(averaged=False)
    result = evaluate(
        single,
        dataset=request.dataset,
        split="validation",
        data_dir=request.data_dir,
        reporter=reporter,
    )
    if len(classifier.views) == 1 or classifier.kind != DISTRIBUTION:
        return single, result
    temperature = stored_temperature(result.probabilities, result.labels)
    return (
        replace(single, temperature=temperature),
        replace(result, probabilities=with_temperature(result.probabilities, temperature)),
    )


def _calibration_images(
    classifier: Classifier, form: Format, request: Request, reporter: Reporter
) -> np.ndarray:
    """Return `(B, H, W, C)` uint8 training images, none for a format that needs none."""
    if not form.quantized:
        return np.empty((0, *classifier.image_size, classifier.channels), np.uint8)
    selection = Selection(
        dataset=request.dataset,
        split="train",
        count=_CALIBRATION_IMAGES,
        data_dir=request.data_dir,
        any_number=bool(classifier.thresholds),
    )
    return select_images(classifier, selection, reporter).pixels


def _original(classifier: Classifier, probabilities: np.ndarray) -> Network:
    path = classifier.path
    if path is not None and path.is_dir():
        path = path / (LITERT if classifier.engine == "litert" else MODEL)
    runs = "LiteRT, all cores" if classifier.engine == "litert" else "Keras, all cores"
    size = size_of(path) if path is not None else 0
    return Network(f"original ({runs})", classifier.probabilities, size, probabilities)


def _written(form: Format, exported: Portable, target: Path, calibration: np.ndarray) -> Network:
    form.write(exported, target, calibration)
    threads = "all cores" if form.runtime == "tensorflow" else "one thread"
    return Network(f"{form.title} ({threads})", form.open(target), size_of(target))


def _check_accuracy(original: Measured, exported: Measured, tolerance: float) -> None:
    before, after = original.evaluation.accuracy, exported.evaluation.accuracy
    lost = 100 * (before - after)
    if lost > tolerance:
        raise AppError(
            f"{exported.name} has an accuracy of {after:.2%} on {exported.evaluation.n:,} "
            f"validation images, the original {before:.2%}: {lost:.2f} points less.",
            f"Expected at most {tolerance:g} points less.",
            "Use --format litert-float16, or allow more with --tolerance POINTS.",
            status=1,
        )


def _check_speed(float32: Measured, exported: Measured) -> None:
    speedup = exported.speedup_over(float32)
    if speedup < LEAST_SPEEDUP:
        raise AppError(
            f"{exported.name} is {speedup:.2f} times as fast as float32: "
            f"{exported.milliseconds:.3g} and {float32.milliseconds:.3g} ms per image.",
            f"Expected at least {LEAST_SPEEDUP:g} times.",
            f"Use --format litert-float16, or keep it for its size ({exported.size / 1_000:,.0f} "
            f"instead of {float32.size / 1_000:,.0f} kB) with --keep-slower.",
            status=1,
        )


def _write_record(folder: Path, request: Request, facts: Facts) -> None:
    record = {
        "model": facts.classifier.name,
        "format": request.format,
        "classes": list(facts.classifier.class_names),
        "thresholds": list(facts.classifier.thresholds),
        "temperature": facts.temperature,
        "image": [*facts.classifier.image_size, facts.classifier.channels],
        "fit": facts.classifier.fit,
        "dataset": facts.result.dataset,
        "measured": [row.to_json() for row in facts.rows],
        "calibrated_on": facts.calibrated_on,
        "files": written_files(folder),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (folder / RECORD).write_bytes(text.encode("utf-8", "backslashreplace"))
