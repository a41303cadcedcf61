"""Data augmentation, from robots to ImageDataGenerator."""

from app.lecture.slides.slide import Slide, figure, lab

SLIDES = (
    Slide(
        "OpenAI",
        "A robot hand learned in simulations whose conditions varied more and more, until reality "
        "was one of them. `python train.py --augment auto` widens its ranges in the same way. The "
        "figure shows each range of an augmentation from minimum to maximum.",
        (figure("plot augment PHOTO --augment lecture --sweep", "sweep.png"),),
    ),
    Slide(
        "Data Augmentation",
        "With too few samples, training and validation accuracy diverge. Augmentation varies the "
        "images, dropout hides some features.",
        (lab("overfitting", "overfitting"), lab("random_labels", "random_labels")),
    ),
    Slide(
        "Data Augmentation in Keras",
        "The slide's seven arguments of ImageDataGenerator. Pixels outside the image are filled "
        "by one of four modes.",
        (figure("plot augment PHOTO --augment lecture --fill-modes", "fill-modes.png"),),
    ),
    Slide(
        "Augmented Images (samples)",
        "Augmented versions of one photograph, as training sees them.",
        (figure("plot augment PHOTO --augment lecture", "augmented.png"),),
    ),
)
