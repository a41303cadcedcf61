"""The convolution layer: its filters, its sizes, its padding."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "CNNs",
        "Convolution, ReLU and pooling alternate; a classifier follows. The table lists a whole "
        "model, from the image to the probability.",
        (Example("lecture parameters catsdogs-lecture"),),
        formula="convolution: F·F·D·K + K parameters\ndense: inputs · units + units parameters\n"
        "ReLU: max(0, x)",
        predict="Which layer has the most parameters?",
        see="The first dense layer has more parameters than all convolutions together.",
        question="Which share of the 3,453,121 parameters is in the first dense layer?",
        answer="6,272 · 512 + 512 = 3,211,776, which is 93%.",
    ),
    Slide(
        "Convolution layer",
        "Filters are small in width and height, and as deep as their input. They are learned: the "
        "gradient of a filter is the cross-correlation of its input with the gradient of its "
        "output. The gradient of the input is a convolution with the filter, which is flipped.",
        (figure("plot filters catsdogs-best", "filters.png"),),
        formula="∂L/∂w = x ⋆ ∂L/∂y (⋆: cross-correlation)\n"
        "∂L/∂x = ∂L/∂y ∗ w (∗: full convolution)\n"
        "L: loss, x: input, w: filter, y: output; stride 1, without padding",
        predict="What do the filters of a first layer respond to?",
        see="Many respond to oriented edges, as the classical kernels below do, others to "
        "blotches of color, which those lack; some are nearly 0.",
        question="How many parameters does a 5×5 filter over a color image have?",
        answer="5·5·3 = 75 weights and 1 bias: 76.",
    ),
    Slide(
        "Example I",
        "The depth of the output is the number of filters, the stride is the step, padding is the "
        "zeros around the input. Sizes are W×H×D; arrays in Keras are (H, W, D).",
        (
            Example(
                "lecture parameters --input 32x32x3 --filter 5 --stride 1 --padding 0 --filters 5"
            ),
        ),
        formula="W₂ = (W₁ − F + 2P) / S + 1, D₂ = K\n"
        "W₁, W₂: width of input and output, F: side of the filters, K: their number,\n"
        "S: stride, P: padding on each side",
        predict="Five filters of 5×5 on 32×32×3, stride 1, no padding: what is the output?",
        see="28×28×5: the depth of the input does not appear in the size of the output.",
        question="How many parameters does the layer have?",
        answer="5 · (75 + 1) = 380.",
    ),
    Slide(
        "Why padding?",
        "Without padding outputs shrink, and windows cover corners once but the center often. Zero "
        "padding has a side effect: the zeros tell a layer where the border is, and so the "
        "position (Islam et al. 2020).",
        (
            figure("lecture padding", "padding.png"),
            lab(
                "padding_position",
                "padding_position",
                about="Can a cell's position be read from its activations? Six convolutions with "
                "random filters see white noise, in which no position differs from another. A "
                "linear readout (linear regression) predicts x and y of a cell from its channels, "
                "with three kinds of padding.",
            ),
        ),
        formula="P = (F − 1) / 2 keeps the size, for S = 1 and odd F\n"
        "R² of a readout: 1 if it predicts the position exactly, 0 if no better than the mean",
        predict="How many 3×3 windows cover the corner of a 5×5 image, and how many its center?",
        see="Without padding 1 and 9; with P = 1 the corner is covered 4 times. Sizes stay. In "
        "networks of random filters on white noise, a linear readout explains 2% of the "
        "variance of a cell's position in the first layer and 55% in the sixth if borders are "
        "padded with zeros, and none with mirrored borders or without padding.",
        question="Which padding keeps the size with 7×7 filters?",
        answer="P = 3.",
    ),
    Slide(
        "Filters",
        "Classical filters were designed by hand before networks learned their own. The commands "
        "apply them as a network does, without a flip.",
        (figure("lecture kernels PHOTO", "kernels.png"),),
        formula="separable: w[u, v] = column[u] · row[v], F + F products instead of F · F "
        "(a matrix of rank 1)",
        predict="Where is the response to sobel-x positive, and where is it 0?",
        see="The response to sobel-x is positive where the image gets brighter to the right, and "
        "0 on uniform areas and along horizontal edges. Kernels whose weights sum to 1 keep "
        "the brightness of uniform areas; those that sum to 0 give 0 there. Derivatives of a "
        "Gaussian and Gabor functions resemble learned first layers.",
        question="An 11×11 Gaussian is separable. How many products per pixel are saved?",
        answer="11 · 11 − (11 + 11) = 99 of 121.",
    ),
    Slide(
        "Convolution: output size",
        "A filter of side F has ⌊(W − F + 2P) / S⌋ + 1 positions along an axis of W cells, with "
        "stride S and P zeros on each side. If the division leaves a remainder, the last cells "
        "are never covered.",
        (Example("lecture output-size 7 3 2 0"),),
        formula="⌊(W − F + 2P) / S⌋ + 1\n"
        'padding="same" in Keras: ⌈W / S⌉\n'
        "a dilation of d spreads F over d·(F − 1) + 1 cells",
        predict="W = 7, F = 3, S = 2, P = 0: what is the output size?",
        see='The size with Keras\'s padding="same" depends on W and S only.',
        question="W = 28, F = 3, S = 1, no padding, dilation 2: what is the output size?",
        answer="The filter spans 2·(3 − 1) + 1 = 5 cells, so 28 − 5 + 1 = 24.",
    ),
    Slide(
        "Quiz",
        "Both answers of the quiz, and a setting that does not fit, with the nearest ones that do. "
        "The numbers of a command are W, F, S and P.",
        (
            Example("lecture output-size 5 3 1 1"),
            Example("lecture output-size 5 3 2 1"),
            Example("lecture output-size 10 3 2 0"),
        ),
        formula="⌊(W − F + 2P) / S⌋ + 1",
        predict="W = 5, F = 3, P = 1: what is the output size with S = 1, and with S = 2?",
        see="The third setting leaves a remainder, so the last cell is never covered.",
        question="What is the output size for W = 227, F = 11, S = 4, P = 0, the first layer of "
        "AlexNet (Krizhevsky et al. 2012)?",
        answer="It is (227 − 11) / 4 + 1 = 55.",
    ),
)
