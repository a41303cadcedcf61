"""The script that runs an exported network with nothing but its runtime, NumPy and Pillow."""

from __future__ import annotations

from collections.abc import Sequence

from app.export.formats import Format

PACKAGES = {
    "litert": "ai-edge-litert pillow",
    "onnx": "onnxruntime pillow",
    "tensorflow": "tensorflow pillow",
}
_IMPORTS = {
    "litert": "import argparse\nimport zipfile\nfrom pathlib import Path\n\nimport numpy as np\n"
    "from ai_edge_litert.interpreter import Interpreter\nfrom PIL import Image, ImageOps\n",
    "onnx": "import argparse\nimport json\nfrom pathlib import Path\n\nimport numpy as np\n"
    "import onnxruntime\nfrom PIL import Image, ImageOps\n",
    "tensorflow": "import argparse\nfrom pathlib import Path\n\nimport numpy as np\n"
    "import tensorflow as tf\nfrom PIL import Image, ImageOps\n",
}
_RUN = {
    "litert": """\
classes = zipfile.ZipFile(file).read("labels.txt").decode().split("\\n")
(row,) = Interpreter(file).get_signature_runner()(images=pixels)["probabilities"]
""",
    "onnx": """\
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
(row,) = session.run(["probabilities"], {"images": pixels})[0]
""",
    "tensorflow": """\
found = tf.saved_model.load(file).signatures["serving_default"](images=tf.constant(pixels))
classes = [name.decode() for name in found["classes"].numpy()[0]]
row = found["probabilities"].numpy()[0]
""",
}
_PRINT = {
    False: """\
for name, probability in sorted(zip(classes, row), key=lambda pair: -pair[1]):
    print(f"{probability:.6f} {name}")
""",
    True: """\
for name, probability, threshold in sorted(zip(classes, row, THRESHOLDS), key=lambda one: -one[1]):
    print(f"{probability:.6f} {'yes' if probability >= threshold else 'no '} {name}")
""",
}
# As `app.data.fitting` does it.
_FIT = {
    "squash": "image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)\n",
    "crop": """\
width = max(1, min(image.width, image.height * WIDTH // HEIGHT))
height = max(1, min(image.height, image.width * HEIGHT // WIDTH))
left, top = (image.width - width) // 2, (image.height - height) // 2
box = (left, top, left + width, top + height)
image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box)
""",
    "pad": "image = ImageOps.pad(image, (WIDTH, HEIGHT), Image.Resampling.BILINEAR, 'gray')\n",
}


def script(
    format_: Format,
    image_shape: tuple[int, int, int],
    fit: str,
    thresholds: Sequence[float] = (),
) -> str:
    """Return the text of a Python script: `python run.py IMAGE` prints classes, the best first.

    That of a multi-label model says `yes` or `no` to each.

    Args:
        format_: Format of the network next to it.
        image_shape: `(H, W, C)` of its images.
        fit: Rule of `app.data.fitting` for images of another aspect ratio.
        thresholds: Of a multi-label model, the probability of each class from which on it is
            predicted; else none.
    """
    height, width, channels = image_shape
    run = _RUN[format_.runtime].rstrip()
    resize = _FIT[fit].replace("WIDTH", str(width)).replace("HEIGHT", str(height)).rstrip()
    show = _PRINT[bool(thresholds)].replace("THRESHOLDS", repr(tuple(thresholds))).rstrip()
    mode, twice = "RGB" if channels == 3 else "L", 2 * max(height, width)
    return f'''\
"""Classify an image: python run.py IMAGE. Needs: pip install {PACKAGES[format_.runtime]}."""

{_IMPORTS[format_.runtime]}
file = str(Path(__file__).with_name("{format_.file}"))
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("image", metavar="IMAGE")
photo = parser.parse_args().image
try:
    image = Image.open(photo)
    image.draft(None, ({twice}, {twice}))  # a large JPEG is decoded at a smaller scale
    image = ImageOps.exif_transpose(image).convert("{mode}")
except (OSError, SyntaxError, ValueError) as error:  # Pillow's, by format
    raise SystemExit(f"'{{photo}}' cannot be read as an image: {{error}}") from None
{resize}
pixels = np.asarray(image, np.uint8).reshape(1, {height}, {width}, {channels})
{run}
{show}
'''
