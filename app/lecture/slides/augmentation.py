"""Data augmentation, from robots to ImageDataGenerator."""

from app.lecture.slides.slide import Slide, figure, lab

SLIDES = (
    Slide(
        "OpenAI",
        "A robot hand learned in simulations whose conditions varied more and more, until reality "
        "was one of them: automatic domain randomization. `python train.py --augment auto` widens "
        "the ranges of an augmentation in the same way.",
        (figure("plot augment PHOTO --augment lecture --sweep", "sweep.png"),),
        formula="parameter ~ uniform(low, high); widen a range while its edge is solved",
        predict="At which end of which range would you no longer recognize the animal?",
        see="Each row is one parameter from minimum to maximum, the others unchanged.",
        question="Ranges are widened when validation images at their edge are classified well. "
        "What does this cost?",
        answer="The labels of validation images become a training signal. Another split has to "
        "measure the accuracy.",
    ),
    Slide(
        "Data Augmentation",
        "Overfitting: with few samples, a network memorizes them, and training and validation "
        "accuracy diverge. A network can even fit shuffled labels, which mean nothing. "
        "Augmentation varies the images; dropout hides random features.",
        (lab("overfitting", "overfitting"), lab("random_labels", "random_labels")),
        formula="generalization gap = training accuracy − validation accuracy\n"
        "dropout in training: x · m / (1 − p), m = 0 with probability p; in inference: x",
        predict="What closes the gap: better validation accuracy, or lower training accuracy?",
        see="Look at validation accuracy and loss, not at the gap alone: a network that underfits "
        "has no gap either. On shuffled labels, compare what dropout and augmentation prevent.",
        question="Training accuracy is measured on augmented images with dropout, validation "
        "accuracy on clean images without. Is the gap comparable between arms?",
        answer="No. Measure the training images again, clean and in inference mode.",
    ),
    Slide(
        "Data Augmentation in Keras",
        "The slide's seven arguments of ImageDataGenerator. Pixels from outside the image are "
        "filled by one of four modes.",
        (figure("plot augment PHOTO --augment lecture --fill-modes", "fill-modes.png"),),
        formula="output pixel p ← input at M · p, one affine matrix M per image",
        predict="Which fill mode invents no edges?",
        see="`constant` draws a border, `nearest` stripes, `reflect` and `wrap` repeat the image.",
        question="How far does width_shift_range=0.2 shift an image 150 px wide at most?",
        answer="30 px to either side.",
    ),
    Slide(
        "Augmented Images (samples)",
        "Augmentation remixes information; it cannot produce new information. A sample is useful "
        "if its class is still right.",
        (figure("plot augment PHOTO --augment lecture", "augmented.png"),),
        predict="How many of the samples would you still classify correctly?",
        see="Every sample is drawn anew in every epoch, so the network hardly ever sees the same "
        "pixels twice.",
        question="Is a horizontal flip believable for cats, and for digits?",
        answer="For cats yes; for digits no: a mirrored 3 is not a 3.",
    ),
)
