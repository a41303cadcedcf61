"""What saving an epoch takes: the variables, and Keras's whole model with its optimizer.

    python benchmarks/checkpoint.py [--rounds 20]

Prints milliseconds of processor time for networks that have been compiled as `train.py` does it,
and how many times as long Keras takes, as medians of paired rounds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from app.config import RunSettings

NETWORKS = {
    "tiny": RunSettings(dataset="mnist", recipe="tiny"),
    "convnet": RunSettings(dataset="mnist", model="convnet"),
    "compact": RunSettings(dataset="catsdogs", recipe="fast"),
    "modern": RunSettings(dataset="catsdogs"),
}


def main() -> None:
    """Print a line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds

    from app.keras_startup import start_keras

    start_keras()

    import keras

    from app.models import build_model
    from app.training.compile import Targets, compile_model
    from app.training.plan import Optimization
    from app.training.recipes import resolve
    from app.training.variables_file import save_variables

    print(f"{'network':10}{'variables':>12}{'Keras, ms':>12}{'variables, ms':>15}{'ratio':>8}")
    for name, settings in NETWORKS.items():
        config = resolve(settings)
        digits = settings.dataset == "mnist"
        shape = (28, 28, 1) if digits else (config.image_size, config.image_size, 3)
        classes = 10 if digits else 2
        keras.utils.set_random_seed(0)
        model = build_model(config.model, shape, classes, config.dropout)
        compile_model(model, Optimization.of(config), Targets(classes), steps=100)
        variables = [*model.variables, *model.optimizer.variables]
        with tempfile.TemporaryDirectory() as folder:
            whole, plain = Path(folder) / "m.keras", Path(folder) / "v.safetensors"
            saves = partial(model.save, whole), partial(save_variables, plain, variables)
            seconds = np.array([[timed(save) for save in saves] for _ in range(rounds)])
        keras_ms, own_ms = 1_000 * np.median(seconds, axis=0)
        ratio = np.median(seconds[:, 0] / seconds[:, 1])
        count = sum(int(np.prod(variable.shape)) for variable in variables)
        print(f"{name:10}{count:12,}{keras_ms:12.1f}{own_ms:15.1f}{ratio:8.1f}", flush=True)


def timed(action: Callable[[], object]) -> float:
    """Return the processor seconds of an action."""
    before = time.process_time()
    action()
    return time.process_time() - before


if __name__ == "__main__":
    main()
