"""The prediction of a classifier for one image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.data.mnist_style.normalize import Box
from app.errors import AppError
from app.metrics import DISTRIBUTION, SCORES, value_text

UNKNOWN = "unknown"


@dataclass(frozen=True, repr=False)
class Prediction:
    """The classes of one image.

    Attributes:
        image: Name of the image.
        probabilities: `{class: probability}`, the most probable first; empty if the image failed,
            or if the model gives scores.
        error: Why there is no prediction, or the empty string.
        scores: `{class: score}`, the highest first, of a model that gives no probabilities.
        box: Place of the digit, in pixels of the upright image; `None` for other models.
        digits_found: Number of digits in the image.
        number: Place of the digit in reading order, from 1, if all digits were read; else 0.
        is_unknown: Whether the highest probability is too low for a label.
        labels: Of a multi-label model, the classes from their thresholds on, the most probable
            first; `None` for one label per image.
    """

    image: str
    probabilities: dict[str, float]
    error: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    box: Box | None = None
    digits_found: int = 0
    number: int = 0
    is_unknown: bool = False
    labels: tuple[str, ...] | None = None

    @property
    def label(self) -> str:
        """The class of the highest probability or score, or `unknown` if it is too low.

        Of a multi-label model, all labels: `cat|black`, or an empty string.

        Raises:
            AppError: If there is no prediction.
        """
        if self.labels is not None and not self.error:
            return "|".join(self.labels)
        return UNKNOWN if self.is_unknown else self.likeliest

    @property
    def likeliest(self) -> str:
        """The class of the highest probability or score, however low.

        Raises:
            AppError: If there is no prediction.
        """
        if self.error:
            raise AppError(f"'{self.image}' has no label: {self.error}.", status=1)
        return next(iter(self.probabilities or self.scores))

    @property
    def probability(self) -> float:
        """The highest probability.

        Raises:
            AppError: If there is no prediction, or the model gives scores.
        """
        if self.scores:
            raise AppError(
                f"'{self.image}' has scores, not probabilities.", "Expected a use of `scores`."
            )
        return self.probabilities[self.likeliest]

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write; `predict --json` and the server print it.

        One that failed has the keys of all, so that a reader that ignores `error` does not fail.
        """
        if self.error:
            nothing: dict[str, Any] = {"label": None, "probability": 0.0, "probabilities": {}}
            return {"image": self.image, **nothing, "error": self.error}
        place = {}
        if self.box is not None:
            place = {"box": self.box._asdict(), "digits_found": self.digits_found}
        one, all_ = ("score", "scores") if self.scores else ("probability", "probabilities")
        values = self.scores or self.probabilities
        several = {} if self.labels is None else {"labels": list(self.labels)}
        return {
            "image": self.image, "label": self.label, **several, one: values[self.likeliest],
            **place, all_: values,
        }  # fmt: skip

    def __repr__(self) -> str:
        if self.error:
            return f"<Prediction {self.image}: {self.error}>"
        kind = SCORES if self.scores else DISTRIBUTION
        text = value_text((self.scores or self.probabilities)[self.likeliest], kind)
        return f"<Prediction {self.image}: {self.label}, {text}>"
