"""Parameters, shared or not; the demo; response maps."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "Convolution: number of parameters",
        "AlexNet's first layer would have 105,705,600 parameters if every position had its own.",
        (
            Example(
                "lecture parameters --input 227x227x3 --filter 11 --stride 4 --padding 0 "
                "--filters 96"
            ),
        ),
    ),
    Slide(
        "CNN: parameter sharing",
        "A feature that is useful at one position is useful at others: one filter serves all "
        "positions. When does this not hold?",
        (lab("sharing", "sharing"),),
    ),
    Slide(
        "CNN: NOT parameter sharing",
        "A locally connected layer has separate filters for every position, drawn here over the "
        "image.",
        (figure("plot filters mnist-local --layer local_1", "filters-local.png"),),
    ),
    Slide(
        "CNN summary",
        "W×H×D in, four hyperparameters, W₂×H₂×K out, F·F·D·K weights and K biases.",
        (Example("lecture parameters mnist-convnet"),),
    ),
    Slide(
        "Demo",
        "Two filters slide over a zero-padded volume of 5×5×3 with a stride of 2. Layers of "
        "networks do not flip their filters: they compute the cross-correlation. Since filters are "
        "learned, the flip does not matter.",
        (figure("lecture demo", "demo.gif"),),
    ),
    Slide(
        "Response map",
        "The response of one filter at every position: positive red, negative blue.",
        (
            figure("lecture kernels PHOTO --kernel gaussian-blur-5", "gaussian-blur.png"),
            figure("plot responses catsdogs-best PHOTO --layer stem", "responses-stem.png"),
        ),
    ),
)
