"""The lecture, slide by slide: title, summary and the commands that compute it.

`PHOTO` and `DIGIT` are placeholders for images that `lecture all` provides. The titles are the
lecture's; slides with the same title are one entry.
"""

from __future__ import annotations

from dataclasses import dataclass

FOLDER = "lecture"  # for the files of all commands; `lecture all -o` replaces it


@dataclass(frozen=True)
class Example:
    """A command of `python -m app` and the figures that it writes.

    Attributes:
        command: Command without `python -m app`; `-o` names files or folders in `FOLDER`.
        figures: Paths of the figures.
    """

    command: str
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slide:
    """One or more slides of a title.

    Attributes:
        title: Title in the lecture.
        text: Summary in one or two sentences.
        examples: Commands, in the order of the document.
    """

    title: str
    text: str
    examples: tuple[Example, ...]


def _figure(command: str, name: str) -> Example:
    path = f"{FOLDER}/{name}"
    return Example(f"{command} -o {path}", (path,))


def _lab(arguments: str, *figures: str, folder: str = "lab") -> Example:
    path = f"{FOLDER}/{folder}"
    return Example(f"lab {arguments} -o {path}", tuple(f"{path}/{x}.png" for x in figures))


_DIGIT_MODELS = "mnist-dense mnist-local mnist-convnet mnist-best"

SLIDES = (
    Slide(
        "CNN: Convolutional Neural Network",
        "A convolutional network still has layers of neurons, learnable weights, a loss and "
        "gradient descent, in another architecture. These models come with the program; `models "
        "--commands` prints how each was trained.",
        (Example("models"),),
    ),
    Slide(
        "Dense for images?",
        "A dense neuron needs a weight for every value of the image. These are too many weights, "
        "and each is tied to one position.",
        (Example("lecture parameters"),),
    ),
    Slide(
        "Translation Invariance",
        "The class of an image should not depend on where the object is. A classifier after "
        "Flatten depends on positions (dense, local, convnet); an average over all positions does "
        "not (modern).",
        (
            _lab("invariance", "invariance", folder="lab/trained"),
            _lab(f"invariance {_DIGIT_MODELS}", "invariance"),
        ),
    ),
    Slide(
        "Rotation/Viewpoint Invariance",
        "Second and fourth row of both figures. No layer has this invariance built in. "
        "Augmentation teaches it within the range that it covers.",
        (),
    ),
    Slide(
        "Illumination Invariance",
        "Last row of both figures. A network trained on bright images can fail on dark ones.",
        (),
    ),
    Slide(
        "ConvNets: Overall architecture",
        "Volumes of width, height and depth: convolution keeps the size and deepens, pooling "
        "halves it.",
        (
            _figure("plot architecture mnist-convnet", "architecture-digits.png"),
            _figure("plot architecture catsdogs-lecture", "architecture-photographs.png"),
        ),
    ),
    Slide(
        "ConvNets in practice!",
        "One digit on its way through a network: all response maps, from the pixels to the "
        "prediction.",
        (
            Example("predict mnist-best DIGIT"),
            _figure("plot responses mnist-convnet DIGIT", "responses-digit.png"),
        ),
    ),
    Slide(
        "The fundamental difference between Dense and CNN",
        "Dense layers learn global patterns, convolutions local ones. With the pixels in one "
        "random order, only networks that rely on neighboring pixels lose accuracy.",
        (_lab("locality", "locality"),),
    ),
    Slide(
        "Convolution of vectors",
        "Each entry sums the products whose indices have the same sum: one vector is flipped.",
        (_figure('lecture convolve "1 0 -1" "0 1 2"', "vectors.gif"),),
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
            _figure(
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
            _figure("lecture equivariance DIGIT", "equivariance.png"),
            _lab("hierarchy catsdogs-best", "hierarchy", "depth"),
        ),
    ),
    Slide(
        "Convolutions",
        "A convolution maps a volume with two spatial axes and a depth to another one, its "
        "feature maps. These are the maps of the lecture's first layer.",
        (
            _figure(
                "plot responses catsdogs-lecture PHOTO --layer conv_1", "responses-photograph.png"
            ),
        ),
    ),
    Slide(
        "CNNs",
        "Convolution and pooling alternate; a classifier follows. The table of a whole model.",
        (Example("lecture parameters catsdogs-lecture"),),
    ),
    Slide(
        "Convolution layer",
        "Filters are small in space and as deep as their input. These learned to respond to "
        "oriented edges and to colors.",
        (_figure("plot filters catsdogs-best", "filters.png"),),
    ),
    Slide(
        "Example I",
        "Depth is the number of filters, stride the step, padding the zeros around the input.",
        (
            Example(
                "lecture parameters --input 32x32x3 --filter 5 --stride 1 --padding 0 --filters 5"
            ),
        ),
    ),
    Slide(
        "Why padding?",
        "Without padding outputs shrink, and windows cover corners once but the center often.",
        (_figure("lecture padding", "padding.png"),),
    ),
    Slide(
        "Filters",
        "Classical filters, designed by hand before networks learned their own, and the response "
        "of an image to them.",
        (_figure("lecture kernels PHOTO", "kernels.png"),),
    ),
    Slide(
        "Convolution: output size",
        "(W − F + 2P) / S + 1.",
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
    Slide(
        "Convolution: number of parameters",
        "AlexNet's first layer would have 105,705,600 weights if every position had its own.",
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
        (_lab("sharing", "sharing"),),
    ),
    Slide(
        "CNN: NOT parameter sharing",
        "A locally connected layer has separate filters for every position, drawn here over the "
        "image.",
        (_figure("plot filters mnist-local --layer local_1", "filters-local.png"),),
    ),
    Slide(
        "CNN summary",
        "W×H×D in, four hyperparameters, W₂×H₂×K out, F·F·D·K weights and K biases.",
        (Example("lecture parameters mnist-convnet"),),
    ),
    Slide(
        "Demo",
        "Two filters slide over a padded volume of 5×5×3 with a stride of 2.",
        (_figure("lecture demo", "demo.gif"),),
    ),
    Slide(
        "Response map",
        "The response of one filter at every position: positive red, negative blue.",
        (
            _figure(
                "lecture kernels PHOTO --kernel gaussian-blur-5", "gaussian-blur.png"
            ),
            _figure("plot responses catsdogs-best PHOTO --layer stem", "responses-stem.png"),
        ),
    ),
    Slide(
        "Pooling layer",
        "The maximum of four numbers, their mean or their norm. Three of four activations are "
        "discarded, and nothing is learned.",
        (
            Example("lecture pooling"),
            _figure("lecture pooling PHOTO", "pooling.png"),
        ),
    ),
    Slide(
        "Why pooling?",
        "Pooling enlarges the receptive field: the part of the image that a cell of each layer "
        "sees.",
        (Example("lecture receptive-field catsdogs-lecture"),),
    ),
    Slide(
        "OpenAI",
        "A robot hand learned in simulations whose conditions varied more and more, until reality "
        "was one of them. `python train.py --augment auto` widens its ranges in the same way. The "
        "figure shows each range of an augmentation from minimum to maximum.",
        (_figure("plot augment PHOTO --augment lecture --sweep", "sweep.png"),),
    ),
    Slide(
        "Data Augmentation",
        "With too few samples, training and validation accuracy diverge. Augmentation varies the "
        "images, dropout hides some features.",
        (_lab("overfitting", "overfitting"),),
    ),
    Slide(
        "Data Augmentation in Keras",
        "The slide's seven arguments of ImageDataGenerator. Pixels outside the image are filled "
        "by one of four modes.",
        (_figure("plot augment PHOTO --augment lecture --fill-modes", "fill-modes.png"),),
    ),
    Slide(
        "Augmented Images (samples)",
        "Augmented versions of one photograph, as training sees them.",
        (_figure("plot augment PHOTO --augment lecture", "augmented.png"),),
    ),
    Slide(
        "Vision – Difficulties in real world applications",
        "A stop sign in fog, under stickers and graffiti, or with pixels changed by an attacker "
        "who knows the network.",
        (
            _lab(
                f"robustness {_DIGIT_MODELS}", "robustness", "adversarial", "worst_cases"
            ),
            _lab(
                "robustness catsdogs-lecture catsdogs-best",
                "robustness", "adversarial", "worst_cases", folder="lab/photographs",
            ),
        ),
    ),
)  # fmt: skip
