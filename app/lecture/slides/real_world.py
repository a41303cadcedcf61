"""Difficulties outside the laboratory."""

from app.lecture.slides.slide import DIGIT_MODELS, Slide, lab

SLIDES = (
    Slide(
        "Vision – Difficulties in real world applications",
        "A stop sign in fog, under stickers and graffiti, or with pixels changed by an attacker "
        "who knows the network.",
        (
            lab(f"robustness {DIGIT_MODELS}", "robustness", "adversarial", "worst_cases"),
            lab(
                "robustness catsdogs-lecture catsdogs-best",
                "robustness",
                "adversarial",
                "worst_cases",
                folder="lab/photographs",
            ),
        ),
    ),
)
