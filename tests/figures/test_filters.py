"""Filters as images and as slices."""

import numpy as np

from app.figures.filters import KernelSlices, kernel_images, kernel_slices

RANDOM = np.random.default_rng(0)


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_kernel_images_colors_are_gray_at_zero_and_full_at_the_limit():
    values = np.zeros((2, 3, 3, 3), np.float32)
    values[0, 0, 0] = 0.5, -0.5, 0
    figure = kernel_images(values, ["0", "1"], title="t")
    first, second = (np.asarray(image.get_array()) for image in figure.axes[0].images)
    assert list(first[0, 0]) == [255, 0, 128]
    assert (second == 128).all()
    assert any("full at 0.5" in text for text in texts(figure))


def test_kernel_images_gray_kernels_share_one_scale():
    values = RANDOM.normal(0, 1, (14, 5, 5, 1))
    figure = kernel_images(values, [str(k) for k in range(14)], title="t")
    scales = {image.get_clim() for image in figure.axes[0].images}
    assert scales == {(-np.abs(values).max(), np.abs(values).max())}
    assert {str(k) for k in range(14)} <= set(texts(figure))


def test_kernel_images_zero_kernels_are_drawn():
    assert kernel_images(np.zeros((1, 3, 3, 1)), ["0"], title="t")
    assert kernel_images(np.zeros((1, 3, 3, 3)), ["0"], title="t")


def test_kernel_slices_name_channels_and_draw_large_kernels_larger():
    slices, channels = RANDOM.normal(0, 1, (5, 2, 3, 3)), RANDOM.integers(0, 99, (5, 2))
    rows = zip(range(5), slices, channels, strict=True)
    figure = kernel_slices([KernelSlices(f"filter {k}", *row) for k, *row in rows], title="t")
    assert {f"map {channel}" for channel in channels.ravel()} <= set(texts(figure))
    row = RANDOM.normal(0, 1, (1, 120, 120)), np.zeros(1, int)
    large = kernel_slices([KernelSlices(name, *row) for name in "abc"], title="t")
    left, right, *_ = large.axes[0].images[0].get_extent()
    assert right - left > 250
