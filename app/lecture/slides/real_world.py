"""Difficulties outside the laboratory."""

from app.lecture.slides.slide import DIGIT_MODELS, Slide, lab

_PHOTOGRAPHS = "lab/photographs"

SLIDES = (
    Slide(
        "Vision – Difficulties in real world applications",
        "A stop sign may stand in fog, or bear stickers and graffiti, and an attacker who "
        "knows the network may change pixels. Test accuracy on clean images says little about "
        "such conditions or about attacks. Random changes of the same size are the control.",
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
        formula="FGSM: x′ = clip(x + ε · sign(∂L/∂x))\n"
        "PGD: many smaller steps, each projected back to ‖x′ − x‖∞ ≤ ε",
        predict="Is the network with the highest clean accuracy also the most robust?",
        see="No in both cases: `mnist-best` has the lowest clean error and the highest on "
        "corrupted digits (30.9%), and PGD leaves 0% of it. `catsdogs-best` is better under "
        "corruptions (11.4 against 31.7%), and yet PGD with ε = 2/255 leaves 0% of it and 15% "
        "of `catsdogs-lecture`; random noise of the same size changes hardly anything.",
        question="An attack has ε = 2/255. By how many of 255 levels may each pixel change?",
        answer="By 2, up or down: hardly visible. PGD of this size lowers the accuracy of the two "
        "networks from 81 to 15% and from 97 to 0%.",
    ),
)
