"""Dense and convolutional networks, and what a classifier should not depend on."""

from app.lecture.slides.slide import DIGIT_MODELS, Example, Slide, figure, lab

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
            lab("invariance", "invariance", folder="lab/trained"),
            lab(f"invariance {DIGIT_MODELS}", "invariance"),
            lab("shift_consistency", "shift_consistency"),
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
        "Volumes of width, height and depth. Convolutions without padding shrink width and height "
        "by F − 1, and deepen; pooling halves width and height.",
        (
            figure("plot architecture mnist-convnet", "architecture-digits.png"),
            figure("plot architecture catsdogs-lecture", "architecture-photographs.png"),
        ),
    ),
    Slide(
        "ConvNets in practice!",
        "One digit on its way through a network: all response maps, from the pixels to the "
        "prediction.",
        (
            Example("predict mnist-best DIGIT"),
            figure("plot responses mnist-convnet DIGIT", "responses-digit.png"),
        ),
    ),
    Slide(
        "The fundamental difference between Dense and CNN",
        "Dense layers learn global patterns, convolutions local ones. With the pixels in one "
        "random order, only networks that rely on neighboring pixels lose accuracy.",
        (lab("locality", "locality"),),
    ),
)
