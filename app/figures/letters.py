"""Letters as small pictures, in the fonts that come with matplotlib."""

from __future__ import annotations

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

# Those that no digit looks like.
LETTERS = "ACEFHKMNPRUVWXYadefhkmnprtuvwxy"
FONTS = (
    "DejaVu Sans", "DejaVu Sans:bold", "DejaVu Sans:oblique", "DejaVu Serif", "DejaVu Serif:bold",
    "DejaVu Sans Mono", "STIXGeneral", "STIXGeneral:italic", "cmr10", "cmss10", "cmtt10",
)  # fmt: skip
_LARGE = 84  # pixels, of which the picture is reduced
_TURN, _MARGIN = 12.0, 0.15  # degrees; of the side


def letter_image(letter: str, font: str, *, turn: float, side: int) -> np.ndarray:
    """Draw a letter in the middle of a picture, as large as MNIST's digits, white on black.

    Args:
        letter: One character.
        font: Name of a font, or `name:style`.
        turn: Degrees counterclockwise.
        side: Side of the picture in pixels.

    Returns:
        `(side, side, 1)` uint8.
    """
    type_face = ImageFont.truetype(_file_of(font), _LARGE)
    picture = Image.new("L", (3 * _LARGE, 3 * _LARGE))
    ImageDraw.Draw(picture).text((_LARGE, _LARGE), letter, 255, type_face)
    turned = picture.rotate(turn, Image.Resampling.BICUBIC)
    ink = turned.crop(turned.getbbox())
    inner = round(side * (1 - 2 * _MARGIN))
    scale = inner / max(ink.size)
    small = ink.resize(
        (max(1, round(ink.width * scale)), max(1, round(ink.height * scale))),
        Image.Resampling.LANCZOS,
    )
    canvas = Image.new("L", (side, side))
    canvas.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    return np.asarray(canvas)[..., np.newaxis]


def letter_images(count: int, side: int, *, seed: int = 0) -> np.ndarray:
    """Draw random letters in random fonts, turned by up to 12 degrees, `(N, side, side, 1)` uint8.

    Args:
        count: Number of pictures.
        side: Side of each in pixels.
        seed: Seed of the choices.
    """
    random = np.random.default_rng(seed)
    return np.stack([
        letter_image(
            LETTERS[random.integers(len(LETTERS))], FONTS[random.integers(len(FONTS))],
            turn=random.uniform(-_TURN, _TURN), side=side,
        )
        for _ in range(count)
    ])  # fmt: skip


def _file_of(font: str) -> str:
    """Return the file of a font, `name` or `name:style`."""
    family, _, style = font.partition(":")
    properties = FontProperties(family=family)
    if style == "bold":
        properties.set_weight("bold")
    elif style:
        properties.set_style("italic" if style == "italic" else "oblique")
    return findfont(properties, fallback_to_default=False)
