"""Small networks, and what an exported page holds, read back from its text."""

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
from playwright.sync_api import expect
from safetensors.numpy import load

from app.classifier.inspected_model import InspectedModel
from app.metrics import DISTRIBUTION
from tests.web.hosts.chromium import Watched


def small_network(names: tuple[str, ...] = ("conv", "probabilities")) -> keras.Model:
    """Return a network of 28×28 gray images and three classes."""
    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(4, 5, strides=3, activation="relu", name=names[0]),
        layers.Flatten(),
        layers.Dense(3, activation="softmax", name=names[1]),
    ])  # fmt: skip


def classifier_of(model: keras.Model, name: str, class_names: tuple[str, ...]) -> InspectedModel:
    return InspectedModel.wrap(
        model,
        name=name,
        class_names=class_names,
        image_shape=tuple(model.input_shape[1:]),
        kind=DISTRIBUTION,
    )


def parts_of(page: Path) -> dict[str, bytes]:
    """Return the parts of an exported page."""
    blocks = re.findall(
        r'<script type="[^"]*;base64" data-part="([^"]*)">([^<]*)<', page.read_text("utf-8")
    )
    content = {name: base64.b64decode(text, validate=True) for name, text in blocks}
    return {
        name: part if name == "catalog" else zlib.decompress(part) for name, part in content.items()
    }


def catalog_of(page: Path) -> list[dict[str, Any]]:
    return json.loads(parts_of(page)["catalog"])


def samples_of(page: Path, number: int = 0) -> dict[str, np.ndarray]:
    return load(parts_of(page)[f"samples/{number}"])


def shown_percents(watched: Watched, column: int = 0) -> list[float]:
    """Return the percentages that the bars show of a network."""
    cells = watched.page.locator(f".convlab-bars-table tbody td:nth-of-type({column + 1})")
    return [float(text) for text in cells.all_inner_texts()]


def show(watched: Watched, page: Path, state: str = "") -> None:
    """Open an exported page from disk and wait for the first prediction."""
    watched.page.goto(f"{page.as_uri()}{state and '#'}{state}")
    await_prediction(watched)


def await_prediction(watched: Watched) -> None:
    """Wait until the bars show numbers. The policy of a page forbids `wait_for_function`."""
    first = watched.page.locator(".convlab-bars-table tbody td").first
    expect(first).to_have_text(re.compile(r"\d"), timeout=60_000)
    settle(watched)


def settle(watched: Watched) -> None:
    """Wait until the page has drawn what it was asked for."""
    frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    watched.page.wait_for_timeout(50)
    watched.page.evaluate(frames)
    expect(watched.page.locator(".convlab")).not_to_have_attribute("data-busy", "", timeout=60_000)
