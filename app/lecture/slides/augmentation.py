"""Data augmentation, from robots to ImageDataGenerator."""

from app.lecture.slides.slide import Slide, figure, lab

SLIDES = (
    Slide(
        "OpenAI",
        "A robot hand learned in simulations whose conditions varied more and more, so that "
        "reality could look like one more variation: automatic domain randomization. `python "
        "train.py --augment auto` moves the ranges of an augmentation in the same way.",
        (figure("plot augment PHOTO --augment lecture --sweep", "sweep.png"),),
        formula="parameter ~ uniform(low, high); widen a range if its edge is solved, narrow it if "
        "not",
        predict="At which end of which range would you no longer recognize the animal?",
        see="Each row is one parameter of the lecture's fixed augmentation from minimum to "
        "maximum, the others switched off. The animal stays recognizable everywhere.",
        question="Ranges are widened when validation images at their edge are classified well. "
        "What does this cost?",
        answer="The labels of validation images become a training signal. Another split has to "
        "measure the accuracy.",
    ),
    Slide(
        "Data Augmentation",
        "Overfitting: with few samples, a network memorizes them, and training and validation "
        "accuracy diverge. A network can even fit shuffled labels, which mean nothing. "
        "Augmentation varies the images; dropout hides random features. More parameters need not "
        "overfit more: beyond the interpolation threshold, the error can fall again (double "
        "descent).",
        (
            lab(
                "overfitting",
                "overfitting",
                about="The same convnet is trained with neither, either or both, until neither "
                "loss nor accuracy on validation images improves. Training images are measured "
                "without augmentation and dropout; held-out images choose nothing.",
            ),
            lab(
                "random_labels",
                "random_labels",
                about="The labels of the training images are shuffled: what a network fits then, "
                "it has memorized.",
            ),
            lab(
                "double_descent",
                "double_descent",
                about="Least squares on the responses of random, fixed filters (features); of all "
                "solutions that fit the labels, the one with the smallest weights (minimum norm). "
                "Ridge regression also penalizes large weights. At the interpolation threshold "
                "there are as many features as training images.",
            ),
        ),
        formula="generalization gap = training accuracy − validation accuracy\n"
        "dropout in training: x · m / (1 − p), m = 0 with probability p; in inference: x",
        predict="What closes the gap: better validation accuracy, or lower training accuracy?",
        see="On 1,000 photographs of 32×32 pixels, the convnet without either memorizes: 99.9% of "
        "the training images, 69% of others. Augmentation lowers training accuracy to 80%, "
        "measured without it, and the accuracy on others is 70%: no difference that five seeds "
        "show. What improves is the loss on others, 0.58 instead of 1.51. A smaller gap is not a "
        "better network. On shuffled labels, 99.9% of 500 digits are fitted, 88% with dropout, "
        "33% with augmentation. Least squares on random features, a fifth of the labels wrong: "
        "the error peaks at 82% with as many features as training images and falls to 28% with "
        "16 times as many; ridge regression, 16%, has no peak.",
        question="Keras reports training accuracy on augmented images with dropout, validation "
        "accuracy on clean images without. Is the gap between them comparable between networks?",
        answer="No. So the experiment measures the training images again, clean and in inference "
        "mode.",
    ),
    Slide(
        "Data Augmentation in Keras",
        "The slide's seven arguments of ImageDataGenerator. Keras reads `shear_range` in "
        "degrees, so that 0.2 is invisible; the figures use 0.2 radians = 11.459°, as "
        "probably meant. Pixels from outside the image are filled by one of four modes.",
        (figure("plot augment PHOTO --augment lecture --fill-modes", "fill-modes.png"),),
        formula="output pixel p ← input at M · p, one affine matrix M per image",
        predict="Which fill mode invents no edges?",
        see="`reflect` continues the image without a jump, though it invents mirrored content. "
        "`constant` and `wrap` jump at the border; `nearest` draws stripes.",
        question="How far does width_shift_range=0.2 shift an image 150 px wide at most?",
        answer="30 px to either side.",
    ),
    Slide(
        "Augmented Images (samples)",
        "Augmentation remixes the information of the images; it cannot show new animals. What it "
        "adds is the knowledge which changes keep the class, so a sample is only useful if its "
        "class is still right.",
        (figure("plot augment PHOTO --augment lecture", "augmented.png"),),
        predict="How many of the samples would you still classify correctly?",
        see="All twelve still show the cat. Every sample is drawn again in every epoch, so the "
        "network hardly ever sees the same pixels twice.",
        question="Is a horizontal flip believable for cats, and for digits?",
        answer="For cats yes; for digits no: a mirrored 3 is not a 3.",
    ),
)
