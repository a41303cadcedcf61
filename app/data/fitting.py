"""Bring an image of any aspect ratio to the size of a network: squash, crop or pad.

The rule belongs to the model, as its image size does: its card names it, and whatever shows it an
image follows it. `static/engine/fitting.js` and the script of an exported model do the same.
"""

from __future__ import annotations

from PIL import Image, ImageOps

# What `--fit` and a card name, and what a card says of it.
RESIZE_RULES = {
    "squash": "squash to (height, width), bilinear, antialiased",
    "crop": "crop the middle to the aspect ratio of (height, width); bilinear, antialiased",
    "pad": "fit into (height, width), pad evenly with gray 128; bilinear, antialiased",
}
SQUASH = "squash"


def fitted(
    image: Image.Image,
    size: tuple[int, int],
    fit: str = SQUASH,
    resampling: Image.Resampling = Image.Resampling.BILINEAR,
) -> Image.Image:
    """Return an image of another size.

    Args:
        image: Upright image of mode L, RGB or RGBA.
        size: `(height, width)` in pixels.
        fit: A name in `RESIZE_RULES`. `crop` is the rule of Keras's `keep_aspect_ratio`, `pad` that
            of Pillow's `ImageOps.pad`.
        resampling: Filter; all but the nearest neighbor are antialiased.
    """
    target = size[1], size[0]
    if image.size == target:
        return image
    if fit == "pad":
        return ImageOps.pad(image, target, resampling, color="gray")
    return image.resize(target, resampling, middle_box(image.size, size) if fit == "crop" else None)


def middle_box(image_size: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest box of the shape of `size` in the middle of an image.

    Args:
        image_size: `(width, height)` in pixels.
        size: `(height, width)` in pixels.

    Returns:
        Left, top, right and bottom in pixels.
    """
    width, height = image_size
    box_width = max(1, min(width, height * size[1] // size[0]))
    box_height = max(1, min(height, width * size[0] // size[1]))
    left, top = (width - box_width) // 2, (height - box_height) // 2
    return left, top, left + box_width, top + box_height
