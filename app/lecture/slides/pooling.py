"""Pooling, and what it is for."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "Pooling layer",
        "Pooling replaces each window by its maximum, mean or L2 norm, in every map by itself: "
        "with 2×2 windows 75% fewer activations, and nothing is learned. The maximum drops three "
        "of four; mean and norm combine all.",
        (
            Example("lecture pooling"),
            figure("lecture pooling PHOTO", "pooling.png"),
        ),
        formula="W₂ = ⌊(W₁ − F) / S⌋ + 1, D₂ = D₁\nL2 norm = √(Σ x²) = F · root mean square",
        predict="What does max pooling make of the four windows of the example?",
        see="The depth is unchanged, and there are 0 parameters.",
        question="A 2×2 window holds 3, 4, 0, 0. What are its maximum, mean, L2 norm and root mean "
        "square?",
        answer="4, 1.75, 5 and 2.5.",
    ),
    Slide(
        "Why pooling?",
        "Three reasons. Pooling enlarges the receptive field: the part of the image that a unit "
        "depends on. It reduces the parameters of the dense layer. It makes features less "
        "sensitive to small shifts, as `lecture equivariance` measures.",
        (Example("lecture receptive-field catsdogs-lecture"), lab("pooling", "pooling")),
        formula="receptive field ← receptive field + (F − 1) · jump\njump ← jump · S",
        predict="How wide is the receptive field of four 3×3 convolutions, and how wide with a 2×2 "
        "pooling after each?",
        see="9 and 46 px; 1.3 billion weights in the dense layer without pooling, 3.2 million with "
        "it. A stride in the convolutions would enlarge the field as well. Compare the kinds of "
        "pooling at the same number of parameters, by accuracy and by what survives a shift.",
        question="Another 3×3 convolution follows the last pooling. How wide is its receptive "
        "field?",
        answer="46 + 2 · 16 = 78 px.",
    ),
)
