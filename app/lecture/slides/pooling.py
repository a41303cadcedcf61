"""Pooling, and what it is for."""

from app.lecture.slides.slide import Example, Slide, figure, lab

_POOLING = lab(
    "pooling",
    "pooling",
    about="A small convnet for digits with two convolutions, each followed by one kind of "
    "downsampling: a pooling, a stride of 2 in the convolution, a pooling with a blur before every "
    "second value is kept, or none. All end in Flatten, and one in a global average instead.",
)

SLIDES = (
    Slide(
        "Pooling layer",
        "Pooling replaces each window by its maximum, mean or L2 norm, in every map by "
        "itself: with 2×2 windows and a stride of 2, 75% fewer activations, and nothing is "
        "learned. The maximum drops three of four; mean and norm combine all.",
        (
            Example("lecture pooling"),
            figure("lecture pooling PHOTO", "pooling.png"),
        ),
        formula="W₂ = ⌊(W₁ − F) / S⌋ + 1, D₂ = D₁\nL2 norm = √(Σ x²) = F · root mean square",
        predict="What does max pooling make of the four windows of the example?",
        see="6, 8, 3 and 4. The depth is unchanged, and there are 0 parameters.",
        question="A 2×2 window holds 3, 4, 0, 0. What are its maximum, mean, L2 norm and root mean "
        "square?",
        answer="4, 1.75, 5 and 2.5.",
    ),
    Slide(
        "Why pooling?",
        "Three reasons. Pooling enlarges the receptive field: the part of the image that a "
        "unit depends on. It reduces the parameters of the dense layer. Behind Flatten, it "
        "makes features less sensitive to small shifts: after a shift by 1 px, 92.9% of "
        "predictions stay the same with max pooling, 87.5% without pooling, and 86.4% with a "
        "stride instead.",
        (Example("lecture receptive-field catsdogs-lecture"), _POOLING),
        formula="start: receptive field 1, jump 1; then, for each layer, first\n"
        "receptive field ← receptive field + (F − 1) · jump\n"
        "and then jump ← jump · S",
        predict="How wide is the receptive field of four 3×3 convolutions, and how wide with a 2×2 "
        "pooling after each?",
        see="9 and 46 px; 1.3 billion weights in the dense layer without pooling, 3.2 million "
        "with it. A stride in the convolutions would enlarge the field as well. Five kinds of "
        "downsampling have 20,634 parameters: of them, max pooling with a blur has the highest "
        "accuracy (96.4%) and keeps most predictions under a shift (96.5%), the stride the lowest "
        "(90.9 and 86.4%). Without pooling there are 221,274 parameters, with a global average "
        "5,274; compare those two with care. After two convolutions only, the mean of a map says "
        "too little.",
        question="Another 3×3 convolution follows the last pooling. How wide is its receptive "
        "field?",
        answer="46 + 2 · 16 = 78 px.",
    ),
)
