"""The convolution layer: its filters, its sizes, its padding."""

from app.lecture.slides.slide import Example, Slide, figure

SLIDES = (
    Slide(
        "CNNs",
        "Convolution and pooling alternate; a classifier follows. The table of a whole model.",
        (Example("lecture parameters catsdogs-lecture"),),
    ),
    Slide(
        "Convolution layer",
        "Filters are small in space and as deep as their input. These learned to respond to "
        "oriented edges and to colors.",
        (figure("plot filters catsdogs-best", "filters.png"),),
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
    ),
    Slide(
        "Why padding?",
        "Without padding outputs shrink, and windows cover corners once but the center often. Zero "
        "padding has a side effect: the zeros tell a layer where the border is, and so the "
        "position.",
        (figure("lecture padding", "padding.png"),),
    ),
    Slide(
        "Filters",
        "Classical filters, designed by hand before networks learned their own, and the response "
        "of an image to them.",
        (figure("lecture kernels PHOTO", "kernels.png"),),
    ),
    Slide(
        "Convolution: output size",
        "⌊(W − F + 2P) / S⌋ + 1, rounded down if the stride leaves a remainder.",
        (Example("lecture output-size 7 3 2 0"),),
    ),
    Slide(
        "Quiz",
        "Both answers, and a setting that does not fit, with the nearest ones that do.",
        (
            Example("lecture output-size 5 3 1 1"),
            Example("lecture output-size 5 3 2 1"),
            Example("lecture output-size 10 3 2 0"),
        ),
    ),
)
