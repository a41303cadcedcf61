import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from app.classifier import load


def test_predict_keeps_the_order_and_names_of_images(shapes_model):
    folder, data = shapes_model
    images = sorted(data.glob("*/*.png"))
    found = load(folder).predict(images)
    assert [p.image for p in found] == [str(i) for i in images]
    right = [p.label == path.parent.name for p, path in zip(found, images, strict=True)]
    assert np.mean(right) > 0.8
    for p in found:
        assert set(p.probabilities) == {"across", "down", "disc"}
        assert sum(p.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert list(p.probabilities.values()) == sorted(p.probabilities.values(), reverse=True)


def test_predict_with_bad_images_continues_with_the_others(shapes_model, tmp_path):
    folder, data = shapes_model
    good = data / "disc" / "0.png"
    text = tmp_path / "text.jpg"
    text.write_text("hello")
    found = load(folder).predict(
        [good, text, tmp_path / "none.png", b"", good.read_bytes(), str(good)]
    )
    assert [bool(p.error) for p in found] == [False, True, True, True, False, False]
    assert found[0].probabilities == found[4].probabilities == found[5].probabilities
    assert found[4].image == "image 4"


def test_predict_takes_all_sizes_and_modes(shapes_model, tmp_path):
    paths = []
    for i, mode in enumerate(("L", "RGB", "RGBA", "P", "CMYK", "1")):
        paths.append(tmp_path / (f"{i}.tif"))
        Image.new(mode, (1 + 200 * i, 1 + 30 * i)).save(paths[-1])
    assert not [p.error for p in load(shapes_model[0]).predict(paths) if p.error]


def test_predict_imports_nothing_heavy(shapes_model):
    folder, data = shapes_model
    code = (
        "import sys; from app.classifier import load;"
        f"print(load(r'{folder}').predict([r'{data / 'disc' / '0.png'}'])[0].label);"
        "sys.exit(bool({'tensorflow', 'keras', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_predict_and_training_use_the_same_pixels(shapes_model):
    """The same image through the training pipeline and through predict: equal probabilities."""
    from app.data.folder import load_folder
    from app.data.pixels import Decoder

    folder, data = shapes_model
    classifier = load(folder)
    splits = load_folder(data)
    decoded = Decoder((32, 32), 3, in_memory=True, workers=1).decode(
        splits.test, splits.class_names
    )
    direct = classifier.probabilities(decoded.images)
    for row, p in zip(direct, classifier.predict(list(splits.test.images)), strict=True):
        np.testing.assert_allclose(
            [p.probabilities[name] for name in splits.class_names], row, atol=1e-6
        )


def test_label_of_a_failed_image_raises_with_the_reason(shapes_model):
    from app.errors import AppError

    (found,) = load(shapes_model[0]).predict("nope.png")
    with pytest.raises(AppError, match=r"'nope\.png' has no label: No such file"):
        print(found.label)
