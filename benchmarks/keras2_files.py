"""Open every architecture of tf_keras.applications from `.h5` and `.keras` and compare outputs.

    python benchmarks/keras2_files.py                      # all, one at a time
    python benchmarks/keras2_files.py MobileNetV2 VGG16    # some
    python benchmarks/keras2_files.py --dialects '2.4 .h5' '2.12 .keras'

Weights and moving statistics are random; images are small where the architecture allows it. For
each architecture and dialect, the script prints the largest difference between the outputs of
Keras 3 and Keras 2 (before the last activation), relative to the largest output. tf_keras writes
the files; older dialects are rewritten from them as `tests/keras2/dialects.py` describes.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402


def main() -> None:
    """Print the table."""
    from app.keras_startup import start_keras

    start_keras()
    import tf_keras

    from tests.keras2.dialects import DIALECTS

    applications = tf_keras.applications
    names = [name for name in dir(applications) if name[0].isupper()]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("architectures", nargs="*", metavar="NAME", help="names (default: all)")
    parser.add_argument(
        "--dialects",
        nargs="+",
        default=list(DIALECTS),
        choices=DIALECTS,
        help="file formats (default: all)",
    )
    arguments = parser.parse_args()
    architectures, dialects = arguments.architectures or names, arguments.dialects
    if unknown := set(architectures) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    print("| architecture | " + " | ".join(dialects) + " |")
    print("|---" * (len(dialects) + 1) + "|")
    for name in architectures:
        print(f"| {name} | " + " | ".join(_differences(name, dialects)) + " |", flush=True)


def _differences(name: str, dialects: list[str]) -> list[str]:
    """Return the largest relative difference of an architecture in each dialect."""
    import tf_keras

    from app.keras2.model_files import load_keras2_model
    from tests.keras2.dialects import DIALECTS
    from tests.keras2.random_weights import randomize

    size = _size(name)
    make = getattr(tf_keras.applications, name)
    shape = (size, size, 3)
    model = make(weights=None, input_shape=shape, classes=10, classifier_activation=None)
    randomize(model)
    images = np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype("float32")
    expected = model(images, training=False).numpy()
    differences = []
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for suffix in (".h5", ".keras"):
            files[suffix] = Path(folder) / f"model{suffix}"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.save(files[suffix])
        del model
        tf_keras.backend.clear_session()
        for suffix, rewrite in (DIALECTS[dialect] for dialect in dialects):
            path = rewrite(files[suffix], Path(folder) / f"dialect{suffix}")
            loaded: Any = load_keras2_model(path)
            difference = np.abs(np.asarray(loaded(images, training=False)) - expected).max()
            differences.append(f"{difference / np.abs(expected).max():.1e}")
            del loaded
            gc.collect()
    return differences


def _size(name: str) -> int:
    """Return the side of the images; NASNet accepts only its original size."""
    return {"NASNetMobile": 224, "NASNetLarge": 331}.get(name, 96)


if __name__ == "__main__":
    main()
