"""Filters as images and as slices."""

import numpy as np

from app.figures.filters import KernelSlices, kernel_images, kernel_slices
from app.figures.untied_kernels import untied_kernels

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
    assert any("to 0.5 (bright)" in text for text in texts(figure))


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


def test_untied_kernels_are_gray_by_norm_with_lines_between_positions():
    norms = np.stack([np.arange(12.0).reshape(3, 4), np.full((3, 4), 5.5)])
    field = RANDOM.normal(0, 1, (9, 12))
    figure = untied_kernels(norms, ["filter 7", "filter 2"], ("one", field), title="t", note="n")
    first, second, weights, _, mean = (np.asarray(i.get_array()) for i in figure.axes[0].images)
    assert (first.min(), first.max()) == (0, 255)
    assert (second == 128).all()
    np.testing.assert_array_equal(weights, field)
    assert mean.shape == (3, 4)
    assert len(figure.axes[0].lines) == 2 + 3
    assert "L2 norm of the kernel at each position: black 0, white 11" in texts(figure)
