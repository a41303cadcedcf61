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
            lab(
                f"robustness {DIGIT_MODELS}",
                "robustness",
                "worst_cases",
                about="A corruption changes an image by noise, blur, weather or objects, in five "
                "severities, without regard to the network.",
            ),
            lab(
                "robustness catsdogs-lecture catsdogs-best",
                "robustness",
                "worst_cases",
                folder=_PHOTOGRAPHS,
            ),
            lab(
                "unseen_corruptions",
                "unseen_corruptions",
                about="Can training help? A degradation worsens a training image at random, as a "
                "corruption worsens a test image. To be fair, corruptions of one family (noise, "
                "blur, light, occlusion) are also measured after a training that shows the other "
                "families only, and compression after trainings that never show it.",
            ),
            lab(
                f"adversarial {DIGIT_MODELS}",
                "adversarial",
                about="An attack knows the network and changes every value by at most ε, so that "
                "the loss grows: the fast gradient sign method (FGSM) in one step, projected "
                "gradient descent (PGD) in many small ones from random starts. Attacked images are "
                "rounded to 8 bits, as files hold them.",
            ),
            lab("adversarial catsdogs-lecture catsdogs-best", "adversarial", folder=_PHOTOGRAPHS),
            lab(
                "robust_features",
                "robust_features",
                "robust_accuracy",
                about="Adversarial training attacks every batch with the current weights and "
                "learns from the attacked images. The gradient of a class's logit shows which "
                "pixels would change it; its cosine with the image is 1 if both look alike, 0 if "
                "they have nothing in common. The control is the cosine with an image of another "
                "class. Visualizations maximize the logit.",
            ),
            lab(
                "unknown mnist-dense mnist-convnet mnist-best",
                "unknown",
                about="What does a network answer about things of no class? A threshold can make "
                "the answer unknown. Three scores have to tell such things from images of the "
                "classes: the highest probability, the energy of the logits and the distance of "
                "features from those of training images. AUROC is the share of pairs in which the "
                "thing of no class has the higher score; 0.5 is chance.",
            ),
            lab("unknown catsdogs-lecture catsdogs-best", "unknown", folder=_PHOTOGRAPHS),
            lab(
                "shortcut",
                "shortcut",
                about="A shortcut is something easier than the object that tells the class in the "
                "training images. Here it is the color of the digit, or a colored square in the "
                "corner (the cue). Tests use the cue of the digit, that of another digit, or none. "
                "Grad-CAM, which shows where the evidence for a class lies, is asked whether it "
                "finds the square.",
            ),
        ),
        formula="FGSM: x′ = clip(x + ε · sign(∂L/∂x)), clipped to the range of pixels\n"
        "PGD: many smaller steps, each projected back to ‖x′ − x‖∞ ≤ ε\n"
        "x: image, L: loss, ‖·‖∞ or ℓ∞: the largest change of a value",
        predict="Is the network with the highest clean accuracy also the most robust?",
        see="Not by itself. `mnist-best` has the lowest error on corrupted digits, 3.3% against "
        "7.2% of `mnist-convnet`, because it was trained on degraded ones; most errors are left "
        "under stickers, fog and graffiti. `mnist-tiny`, more accurate on clean digits than "
        "`mnist-convnet`, was not, and errs on 44% of corrupted ones (slide Illumination "
        "Invariance). PGD with ε = 32/255 leaves `mnist-best` 50% of 100 digits, `mnist-convnet` "
        "67%. `catsdogs-best`, trained on eight times as many photographs, has a lower error than "
        "`catsdogs-lecture` under corruptions (11.4 against 31.7%), and yet PGD with ε = 2/255 "
        "leaves it an accuracy of 0%, and `catsdogs-lecture` 15%; random noise of the same size "
        "changes hardly anything. "
        "Degradations in training help: a small network errs on 37.8% of corrupted digits without "
        "them, on 9.8% with those of all four families, and on 22.0% where the family that is "
        "measured was left out; on compression, which no training shows, on 11.0 and 2.8%. "
        "Adversarial training raises the accuracy under PGD with ε = 51/255 from 8 to 75% at no "
        "measurable cost on clean digits, and gradients follow the strokes: cosine 0.54 instead "
        "of 0.35. With digits of another class it rises as much, so they point to strokes in "
        "general. "
        "Of letters, `mnist-dense` still gives 48% a digit, and of photographs 72%, with a "
        "threshold that 95% of the digits pass; `mnist-best` 8 and 0%. No score is the best: the "
        "energy of `mnist-dense` takes photographs for digits (AUROC 0.40), which the distance of "
        "features tells apart (1.00); of `mnist-convnet` the energy does (1.00), the distance less "
        "(0.95). Two classes cannot mean 'neither': `catsdogs-lecture` is surer of noise, with a "
        "mean probability of 98.5%, than of photographs (AUROC 0.12). "
        "Trained with a cue, a network classifies 99.9% with it and 18 to 37% with that of "
        "another digit: it learned the cue.",
        question="An attack has ε = 2/255. By how many of 255 levels may each pixel change?",
        answer="By 2, up or down: hardly visible. PGD of this size lowers the accuracy of the two "
        "networks from 81 to 15% and from 97 to 0%.",
    ),
)
