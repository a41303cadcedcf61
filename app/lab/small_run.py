"""The run of a small network on the images of an experiment."""

from __future__ import annotations

from typing import Any

from app.config import RunSettings
from app.lab.examples import ExampleImages
from app.models import Builder
from app.training.small_run import SmallRun


def small_run(images: ExampleImages, build: Builder | None = None, **settings: Any) -> SmallRun:
    """Return a run on images of one size, from the first epoch to the evaluation.

    Args:
        images: Images of the experiment, whose default recipe fills in open settings.
        build: Function that returns the network; by default the builder that the settings name.
        settings: Settings of the run, such as `model` and `epochs`.
    """
    side = images.training.pixels.shape[1]
    chosen = RunSettings(
        dataset=images.dataset, image_size=side, start_size=side, final_size=side, **settings
    )
    return SmallRun(chosen, images.class_names, build)
