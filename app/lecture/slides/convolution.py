"""Convolution by its definition, and what it makes possible."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "Convolution integral",
        "(f ∗ g)(t) = ∫ f(τ) g(t − τ) dτ: flip g, shift it by t, multiply, integrate. A box "
        "convolved with a box is a triangle. With samples Δ apart, the integral becomes a sum: the "
        "convolution of two vectors, times Δ.",
        (
            figure("lecture integral box box", "boxes.gif"),
            figure("lecture integral box exponential", "integral.gif"),
        ),
    ),
    Slide(
        "Convolution of vectors",
        "c_x = Σ a_u · b_(x−u+1): entry x sums the products whose indices add up to x + 1, so one "
        "vector is flipped.",
        (figure('lecture convolve "1 0 -1" "0 1 2"', "vectors.gif"),),
    ),
    Slide(
        "Definition: Convolution of Matrices",
        "The same in two dimensions; the lecture's entry c33, and its Sobel example with nine "
        "results.",
        (
            Example(
                'lecture convolve "1 2 3; 4 5 6; 7 8 9" '
                '"1 0 2 1 0; 0 1 1 0 2; 2 1 0 1 1; 1 0 1 2 0" --entry 3,3'
            ),
            figure(
                'lecture convolve "1 2 3; 4 5 6; 7 8 9" "-1 -2 -1; 0 0 0; 1 2 1" --mode same',
                "sobel.gif",
            ),
        ),
    ),
    Slide(
        "CNNs: characteristics",
        "Translation equivariance, and hierarchical features. A convolution is equivariant: shift "
        "the image, and its response shifts with it. The lecture calls this invariance; only a "
        "global average makes the features behind it invariant. A stride breaks equivariance for "
        "shifts that are not multiples of it. Features of later layers combine those of earlier "
        "ones: edges, then parts, then objects.",
        (
            figure("lecture equivariance DIGIT", "equivariance.png"),
            lab("hierarchy catsdogs-best", "hierarchy", "depth"),
        ),
    ),
    Slide(
        "Convolutions",
        "A convolution maps a volume with two spatial axes and a depth to another one, its "
        "feature maps. These are the maps of the lecture's first layer.",
        (
            figure(
                "plot responses catsdogs-lecture PHOTO --layer conv_1", "responses-photograph.png"
            ),
        ),
    ),
)
