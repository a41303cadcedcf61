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
        "Still layers of neurons with learnable weights, a loss and gradient descent, in another "
        "architecture. These models come with the program; `models --commands` prints how each "
        "was trained.",
        (Example("models"),),
    ),
    Slide(
        "Dense for images?",
        "A dense neuron needs a weight for every value of the image: too many, and all of them "
        "tied to a place.",
        (Example("lecture parameters"),),
    ),
    Slide(
        "Translation Invariance",
        "A cat is a cat wherever it sits. Does the network know? A head behind Flatten sees places "
        "after all (dense, local, convnet), an average over all positions (modern) does not.",
        (
            _lab("invariance", "invariance", folder="lab/trained"),
            _lab(f"invariance {_DIGIT_MODELS}", "invariance"),
        ),
    ),
    Slide(
        "Rotation/Viewpoint Invariance",
        "The second and the fourth row of both figures. No layer has it built in; augmentation "
        "teaches as much as it shows.",
        (),
    ),
    Slide(
        "Illumination Invariance",
        "The last row. A network that was normalised on bright images can lose its way in the "
        "dark.",
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
        "One digit on its way through a network: all response maps, from pixels to the answer.",
        (
            Example("predict mnist-best DIGIT"),
            _figure("plot responses mnist-convnet DIGIT", "responses-digit.png"),
        ),
    ),
    Slide(
        "The fundamental difference between Dense and CNN",
        "Dense layers learn global patterns, convolutions local ones: with the pixels in random "
        "order, only those who need neighbours suffer.",
        (_lab("locality", "locality"),),
    ),
    Slide(
        "Convolution of vectors",
        "Every product whose indices add up to the same: one of the two is flipped.",
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
        "Patterns are found anywhere, and patterns of patterns: edges, then parts, then objects.",
        (_lab("hierarchy catsdogs-best", "hierarchy", "depth"),),
    ),
    Slide(
        "Convolutions",
        "From a volume with two spatial axes and a depth to another one, its feature maps: here "
        "those of the lecture's first layer.",
        (
            _figure(
                "plot responses catsdogs-lecture PHOTO --layer conv_1", "responses-photograph.png"
            ),
        ),
    ),
    Slide(
        "CNNs",
        "Convolution and pooling in turn, then a classifier: the table of a whole model.",
        (Example("lecture parameters catsdogs-lecture"),),
    ),
    Slide(
        "Convolution layer",
        "Filters are small in space and as deep as their input. What they learned to answer to: "
        "edges of some orientation, blotches of some colour.",
        (_figure("plot filters catsdogs-best", "filters.png"),),
    ),
    Slide(
        "Example I",
        "Depth is the number of filters, stride the step, padding the zeros around.",
        (
            Example(
                "lecture parameters --input 32x32x3 --filter 5 --stride 1 --padding 0 --filters 5"
            ),
        ),
    ),
    Slide(
        "Why padding?",
        "Without it outputs shrink, and corners are covered once, the middle often.",
        (_figure("lecture padding", "padding.png"),),
    ),
    Slide(
        "Filters",
        "Filters that people made before networks learned their own, and what they answer.",
        (_figure("lecture kernels PHOTO", "kernels.png"),),
    ),
    Slide(
        "Convolution: output size",
        "(W − F + 2P) / S + 1.",
        (Example("lecture output-size 7 3 2 0"),),
    ),
    Slide(
        "Quiz",
        "Both answers; and a setting that does not come out even, with the nearest ones that do.",
        (
            Example("lecture output-size 5 3 1 1"),
            Example("lecture output-size 5 3 2 1"),
            Example("lecture output-size 10 3 2 0"),
        ),
    ),
    Slide(
        "Convolution: number of parameters",
        "AlexNet's first layer: 105,705,600 weights if every position had its own.",
        (
            Example(
                "lecture parameters --input 227x227x3 --filter 11 --stride 4 --padding 0 "
                "--filters 96"
            ),
        ),
    ),
    Slide(
        "CNN: parameter sharing",
        "A feature that is useful here is useful there: one filter for all positions. When does it "
        "not make sense?",
        (_lab("sharing", "sharing"),),
    ),
    Slide(
        "CNN: NOT parameter sharing",
        "A locally connected layer: filters of their own for every position, laid out over the "
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
        "Two filters slide over a padded volume of 5×5×3, two cells at a time.",
        (_figure("lecture demo", "demo.gif"),),
    ),
    Slide(
        "Response map",
        "What one filter answers at every place: positive red, negative blue.",
        (
            _figure(
                "lecture kernels PHOTO --kernel gaussian-blur-5", "gaussian-blur.png"
            ),
            _figure("plot responses catsdogs-best PHOTO --layer stem", "responses-stem.png"),
        ),
    ),
    Slide(
        "Pooling layer",
        "The largest of four numbers, or their mean, or their norm; three of four activations are "
        "discarded, and nothing is learned.",
        (
            Example("lecture pooling"),
            _figure("lecture pooling PHOTO", "pooling.png"),
        ),
    ),
    Slide(
        "Why pooling?",
        "To make the window larger: what a cell of each layer sees of the image.",
        (Example("lecture receptive-field catsdogs-lecture"),),
    ),
    Slide(
        "OpenAI",
        "A robot hand learned in simulations whose conditions varied more and more, until reality "
        "was one of them. `python train.py --augment auto` widens its ranges in the same way; the "
        "ranges of any augmentation, each from one end to the other:",
        (_figure("plot augment PHOTO --augment lecture --sweep", "sweep.png"),),
    ),
    Slide(
        "Data Augmentation",
        "Too few samples: training and validation part. Augmentation remixes what there is, "
        "dropout hides some of it.",
        (_lab("overfitting", "overfitting"),),
    ),
    Slide(
        "Data Augmentation in Keras",
        "The slide's seven arguments of ImageDataGenerator; pixels that come into view are filled "
        "in by one of four modes.",
        (_figure("plot augment PHOTO --augment lecture --fill-modes", "fill-modes.png"),),
    ),
    Slide(
        "Augmented Images (samples)",
        "What training gets to see of one photograph.",
        (_figure("plot augment PHOTO --augment lecture", "augmented.png"),),
    ),
    Slide(
        "Vision – Difficulties in real world applications",
        "A stop sign in fog, under stickers and graffiti, or with a few pixels changed by somebody "
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
