"""Difficulties outside the laboratory."""

from app.lecture.slides.slide import DIGIT_MODELS, Slide, lab

_PHOTOGRAPHS = "lab/photographs"

SLIDES = (
    Slide(
        "Vision – Difficulties in real world applications",
        "A stop sign in fog, under stickers and graffiti, or with pixels changed by an attacker "
        "who knows the network. Test accuracy on clean images says little about either. Random "
        "changes of the same size are the control.",
        (
            lab(f"robustness {DIGIT_MODELS}", "robustness", "worst_cases"),
            lab(
                "robustness catsdogs-lecture catsdogs-best",
                "robustness",
                "worst_cases",
                folder=_PHOTOGRAPHS,
            ),
            lab(f"adversarial {DIGIT_MODELS}", "adversarial"),
            lab("adversarial catsdogs-lecture catsdogs-best", "adversarial", folder=_PHOTOGRAPHS),
            lab("shortcut", "shortcut"),
        ),
        formula="FGSM: x′ = x + ε · sign(∂L/∂x)\nattacks keep ‖x′ − x‖∞ ≤ ε",
        predict="Is the network with the highest clean accuracy also the most robust?",
        see="Compare errors per corruption, and robust accuracy with the accuracy under random "
        "noise of the same size.",
        question="An attack has ε = 2/255. By how many of 255 levels may each pixel change?",
        answer="By 2, up or down: too little to see, and still enough to change many predictions.",
    ),
)
