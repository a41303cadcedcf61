"""Convolution by its definition, and what it makes possible."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "Convolution integral",
        "The convolution of two functions: flip one, shift it by t, multiply, integrate. With "
        "samples Δ apart, a sum approximates the integral: the convolution of two vectors, "
        "times Δ. Samples are taken in the middle of each interval.",
        (
            figure("lecture integral box box", "boxes.gif"),
            figure("lecture integral box exponential", "integral.gif"),
        ),
        formula="(f ∗ g)(t) = ∫ f(τ) · g(t − τ) dτ",
        predict="What is the convolution of a box of width 1 and height 1 with itself?",
        see="The area under the product is the value at t. Two boxes give a triangle from −1 to 1 "
        "of height 1; a box and a decaying exponential give a rise and a decay, as a "
        "capacitor is charged and discharged.",
        question="What is the area under f ∗ g, for two boxes of area 1?",
        answer="1: the area of a convolution is the product of the areas.",
    ),
    Slide(
        "Convolution of vectors",
        "Entry x sums all products whose indices add up to x + 1. One vector is therefore "
        "read backward: it is flipped. Here a has m entries and b has n, counted from 1. The "
        "output calls the one that slides the kernel and the other the image, also of vectors.",
        (figure('lecture convolve "1 0 -1" "0 1 2"', "vectors.gif"),),
        formula="c_x = Σ_u a_u · b_(x−u+1), u = max(1, x − n + 1) … min(x, m)",
        predict="Compute c₃ of [1 0 −1] ∗ [0 1 2] by hand.",
        see="Every sum is printed with its indices. The result has m + n − 1 entries.",
        question="Multiply the polynomials (1 − x²) and (x + 2x²). Where are the coefficients in "
        "the example?",
        answer="The product is x + 2x² − x³ − 2x⁴, with the coefficients 0 1 2 −1 −2: "
        "multiplication of "
        "polynomials is convolution.",
    ),
    Slide(
        "Definition: Convolution of Matrices",
        "The same in two dimensions. Convolution flips the kernel; layers of networks do not: "
        "they compute the cross-correlation. The flip makes no difference to what they can "
        "learn, because a layer that flips would learn the same numbers in reverse order. "
        "Indices here are [row, column]; the lecture's slide writes x[column, row], so its "
        "y[1,0] is y[0,1] here.",
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
        formula="convolution: c_xy = Σ_u Σ_v a_uv · b_(x−u+1)(y−v+1)\n"
        "cross-correlation: y[i, j] = Σ_u Σ_v x[i + u, j + v] · w[u, v]",
        predict="The kernel of the second example is −1 −2 −1; 0 0 0; 1 2 1. Compute y[0,0], the "
        "convolution where the middle of the kernel lies on the first pixel, with zeros "
        "outside the image.",
        see="The slide's nine results are the middle of the full 5×5 result: y[i, j] = "
        "c_(i+2)(j+2), so y[0,0] = c22. Without the flip, all signs change, because turning "
        "this kernel by 180° changes the sign of every weight.",
        question="What is y[0,0] if the kernel is not flipped?",
        answer="13 instead of −13.",
    ),
    Slide(
        "CNNs: characteristics",
        "Translation equivariance, and hierarchical features. Shift the image, and the "
        "response of a convolution shifts with it. The lecture calls this invariance; "
        "invariance needs a step that discards the position, such as a global average or "
        "maximum, and exact equivariance before it. Features of later layers combine those of "
        "earlier ones; the lecture's picture is edges, then parts, then objects.",
        (
            figure("lecture equivariance DIGIT", "equivariance.png"),
            figure(
                "lecture equivariance PHOTO",
                "equivariance-photograph.png",
                about="A photograph has details up to its border, so it shows the effect of zero "
                "padding: the last lines of the output compare two crops of the same photograph.",
            ),
            lab(
                "hierarchy catsdogs-best",
                "hierarchy",
                "depth",
                about="Three measures of each layer: the receptive field, which reaches beyond the "
                "image of 176 px in the last layer; a linear probe, which is a logistic regression "
                "on the means of the layer's maps (on their principal components) and shows how "
                "much of the class they tell; and class selectivity, the mean of (a − b) / (a + b) "
                "over the filters, with a filter's mean activation a for the class that it prefers "
                "and b for the other. Control: the same network with random "
                "weights, or with shuffled labels. Feature visualization looks for an image that "
                "activates a filter as much as possible, by gradient ascent from noise.",
            ),
            lab(
                "saliency_truth",
                "saliency_truth",
                about="A saliency map gives every pixel its importance for a prediction. Five "
                "kinds: Grad-CAM, the sum of the last convolution's maps, each weighted by its "
                "mean gradient; the gradient of the logit with respect to the pixels; SmoothGrad, "
                "its mean over noisy copies of the image; integrated gradients, its sum along the "
                "way from an image of one color to the image; occlusion, the drop of the logit if "
                "a patch is covered. On drawings whose telling parts are known, is the maximum of "
                "the map on such a part? Controls that know nothing of the network: a random "
                "point, the center, the strongest edge.",
            ),
        ),
        formula="relative difference: ‖f(T x) − T f(x)‖ / ‖f(x)‖, 0 for an equivariant f\n"
        "T: shift, f: layer, x: image",
        predict="The image is shifted by 1 px. What changes in the response of a convolution, and "
        "what with a stride of 2?",
        see="On a canvas without borders, the difference with stride 1 is exactly 0. With stride "
        "2 it is 0 for even shifts only: at odd ones, whatever has a wavelength below two "
        "cells of the output (4 px) aliases. A blur before subsampling reduces this. (Two maps "
        "of equal length that have nothing in common differ by √2 = 141%.) In the hierarchy, "
        "compare each trained layer with the same layer of random weights: the probe on the stem "
        "(the first convolution) is no better (−0.4 points), that on the last block by 36.7. "
        "Integrated gradients find a telling part 21.6 points more often than the strongest edge, "
        "the gradient 17.6 and SmoothGrad 17.2; the intervals of Grad-CAM (+2.0) and occlusion "
        "(+12.0) include 0.",
        question="By how many pixels must an image be shifted so that the output of three 2×2 "
        "poolings shifts by exactly one cell?",
        answer="8 px: the product of the strides.",
    ),
    Slide(
        "Convolutions",
        "A convolution maps a volume with two spatial axes and a depth to another one, its feature "
        "maps. Each of its K filters reaches through the full depth of the input and yields one "
        "map; stacked, they are the output.",
        (
            figure(
                "plot responses catsdogs-lecture PHOTO --layer conv_1", "responses-photograph.png"
            ),
        ),
        formula="y[i, j, k] = Σ_u Σ_v Σ_d x[i + u, j + v, d] · w_k[u, v, d] + b_k",
        predict="How many maps does a layer of 32 filters give for a color photograph?",
        see="One map per filter, not one per filter and color: the sum runs over the channels. "
        "All maps have one color scale, so weak ones look empty; only those that are crossed out "
        "are zero everywhere.",
        question="A 1×1 convolution maps 64 channels to 16. What does it compute, and how many "
        "parameters does it have?",
        answer="A dense layer over the channels, the same at every position, with "
        "64 · 16 + 16 = 1,040 parameters.",
    ),
)
