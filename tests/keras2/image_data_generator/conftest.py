import warnings

import numpy as np
import pytest


@pytest.fixture(scope="session")
def legacy_class():
    """The class that Keras still carries, though not in its public interface."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    return ImageDataGenerator


@pytest.fixture(autouse=True)
def _legacy_warnings():
    with warnings.catch_warnings():
        # The legacy class looks SciPy up under a name that SciPy is about to drop.
        warnings.filterwarnings("ignore", message=".*scipy.ndimage.interpolation.*")
        yield


@pytest.fixture(scope="session")
def noise():
    def make(count, *shape):
        random = np.random.default_rng(0)
        return random.integers(0, 256, (count, *shape)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    from PIL import Image

    root = tmp_path_factory.mktemp("photographs")
    random = np.random.default_rng(0)
    for name, count in (("cat", 5), ("dog", 7)):
        (root / name / "deeper").mkdir(parents=True)
        for k in range(count):
            pixels = random.integers(0, 256, (20 + k, 26, 3), np.uint8)
            where = root / name / ("deeper" if k == 0 else "") / f"{name}{k}.png"
            Image.fromarray(pixels).save(where)
        (root / name / "notes.txt").write_text("no image")
    return root
