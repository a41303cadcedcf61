"""Pooling, and what it is for."""

from app.lecture.slides.slide import Example, Slide, figure

SLIDES = (
    Slide(
        "Pooling layer",
        "The maximum of four numbers, their mean or their norm: 75% fewer activations, and nothing "
        "is learned. The maximum discards three of four; mean and norm combine all. The L2 norm is "
        "F times the root mean square.",
        (
            Example("lecture pooling"),
            figure("lecture pooling PHOTO", "pooling.png"),
        ),
    ),
    Slide(
        "Why pooling?",
        "Three reasons. It enlarges the receptive field: the part of the image that a unit depends "
        "on. It reduces the parameters of the dense layer. It makes features less sensitive to "
        "small shifts.",
        (Example("lecture receptive-field catsdogs-lecture"),),
    ),
)
