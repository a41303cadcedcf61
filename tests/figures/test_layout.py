"""No text overlaps an image or other text, or leaves the figure."""

import warnings

import keras
import numpy as np
import pytest

from app.classifier import load
from app.errors import AppWarning
from app.figures.architecture import architecture_figure, volumes_figure
from app.figures.attack_curves import Attack, attack_curves
from app.figures.augmentation import original_and_augmented
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.image_table import ImageRow, table_of_images
from app.figures.class_features import ClassFeatures, class_features
from app.figures.convolution import volume_steps
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.figures.embedding import embedding_map
from app.figures.equivariance import equivariance_figure
from app.figures.evaluation import confusion_matrix
from app.figures.explanations import HeatMap, heat_map_sheet
from app.figures.integral import integral_step
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.figures.invariance_panels import Panel, invariance_panels
from app.figures.overfitting import overfitting_curves
from app.figures.probe_curves import LayerProbe, probe_curves
from app.figures.ranking import ranking_of_models
from app.figures.reliability import reliability_diagram
from app.figures.responses import layer_responses_figure, responses_figure
from app.figures.risk_coverage import risk_coverage_curves
from app.figures.robustness import CorruptionRow, corruption_table
from app.figures.sanity import sanity_figure
from app.insight.architecture import Volume
from app.insight.faithfulness import Faithfulness
from app.insight.sanity import SanityCheck
from app.lecture.equivariance import layers, on_canvas
from app.lecture.integral import riemann_sum
from app.lecture.kernels import KERNELS
from app.lecture.volumes import example_layer, output_of, steps
from app.statistics.calibration import calibration
from app.statistics.ranking import mean_curves, ranking_curves
from app.statistics.selective import risk_coverage
from tests.figures.layout import collisions

RANDOM = np.random.default_rng(0)
LONG = "a_model_with_a_very_long_name_that_somebody_chose"
TITLE = f"{LONG}: what is seen, in a title that needs more than one line, of a photograph.jpeg"
NOTE = "A note in small print, of which there is more than fits into a line. " * 2


def picture(height=40, width=60, channels=3):
    return RANDOM.integers(0, 256, (height, width, channels)).astype(np.uint8)


@pytest.mark.parametrize(
    "name",
    ["mnist-tiny", "mnist-convnet", "mnist-local", "mnist-best", "catsdogs-lecture",
     "catsdogs-best"],
)  # fmt: skip
@pytest.mark.parametrize("draw", [architecture_figure, responses_figure])
def test_text_of_shipped_models_does_not_overlap(name, draw):
    model = load(name).inspect()
    size = (*model.image_size, model.channels)
    arguments = (picture(*size),) if draw is responses_figure else ()
    assert collisions(draw(model, *arguments)) == []


def test_text_of_a_deep_model_does_not_overlap(tmp_path):
    layers = [keras.Input((128, 128, 3))]
    for number in range(10):
        layers.append(
            keras.layers.Conv2D(16, 3, padding="same", name=f"stage_{number}_convolution")
        )
        if number % 2:
            layers.append(keras.layers.MaxPooling2D(2, name=f"stage_{number}_pooling"))
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")]
    path = tmp_path / "deep.keras"
    keras.Sequential(layers).save(path)
    with pytest.warns(AppWarning, match="no card"):
        model = load(str(path)).inspect()
    image = picture(128, 128, 3)
    for figure in (
        responses_figure(model, image, name="a photograph with a long name, 2026-11-28.jpeg"),
        responses_figure(model, image, all_maps=True),
        layer_responses_figure(model, image, "stage_9_pooling"),
        architecture_figure(model),
    ):
        assert collisions(figure) == []


@pytest.mark.parametrize(
    "name", ["IMG_20261128_201530_burst_003_edited.jpeg", "a" * 80 + ".jpg", "my cat.png", "猫"]
)
def test_table_of_images_file_names_keep_their_extension(name):
    rows = [[picture() for _ in range(5)] for _ in range(3)]
    columns = ["original", *(f"epoch {number}" for number in range(1, 5))]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure = table_of_images(
            [ImageRow(row, f"cat\n{name}") for row in rows],
            columns,
            title=TITLE,
            note=NOTE,
            first_is_original=True,
        )
        assert collisions(figure) == []
    words = [text.get_text() for text in figure.axes[0].texts]
    if "." in name:
        assert any(word.endswith(name[name.rindex(".") :]) for word in words)


def sheets():
    volumes = [
        Volume((LONG, "relu"), "convolution", (s, s, 256), 1_179_904, None)
        for s in (128, 64, 32, 16, 8, 4, 2, 1)
    ]
    yield volumes_figure(volumes, (128, 128), chained=True, title=TITLE)
    yield original_and_augmented(
        picture(), np.stack([[picture()] * 4] * 3), [f"epoch {k}" for k in range(12)],
        title=TITLE, note=NOTE,
    )  # fmt: skip
    shifts = ["20% right", "10% right", "0%", "10% left", "20% left"]
    labels = "channel_shift_range", "horizontal_flip\nhalf of all images"
    yield table_of_images(
        [ImageRow([picture()] * 5, label, shifts) for label in labels], [], title=TITLE, note=NOTE
    )
    yield contact_sheet(
        [picture()] * 7, [f"true {LONG}, predicted {LONG}\n(97%)"] * 7, columns=4, title=TITLE
    )
    row = CorruptionRow("Gaussian noise", [picture()] * 5, [(0.123, 0.1, 0.15)] * 4)
    yield corruption_table([row] * 3, [LONG] * 4, title=TITLE, note=NOTE)
    layer = example_layer((5, 5, 3), (2, 3), 2, 1, 0)
    found = list(steps(layer))
    yield volume_steps(layer, found, output_of(layer))(len(found) - 1)
    yield equivariance_figure(
        on_canvas(picture(28, 28, 1)[..., 0], 8), layers(KERNELS["sobel-x"].weights), 16,
        title=TITLE, note=NOTE,
    )  # fmt: skip


def sanity():
    stages = ("trained", LONG, *(f"block_{k}" for k in range(5)))
    maps, values = RANDOM.random((7, 40, 60)), RANDOM.uniform(-1, 1, (7, 8))
    checks = [SanityCheck(name, stages, maps, values) for name in ("Grad-CAM", "integrated x")]
    return sanity_figure(checks, picture(), name=LONG)


def charts():
    shares = np.linspace(0, 1, 11)
    faithful = Faithfulness(shares, 1 - shares, shares)
    one = HeatMap(
        f"{LONG}\n{LONG}: 93.1%", picture(), RANDOM.uniform(-1, 1, (40, 60)),
        "decrease of the logit", faithful, {"center": faithful, "random": faithful},
    )  # fmt: skip
    yield heat_map_sheet([one, one], title=TITLE, note=NOTE[:90])
    estimate = (0.6, 0.5, 0.7)
    probes = [LayerProbe(f"stage_{k}", k, *[estimate] * 3, shares[k], 0.0) for k in range(9)]
    yield probe_curves(probes, chance=0.5, title=TITLE, note=NOTE[:90])
    yield embedding_map(
        RANDOM.normal(0, 1, (30, 2)), np.zeros((30, 9, 9, 1), np.uint8),
        [LONG, "cat", "dog"] * 10, title=TITLE, note=NOTE,
    )  # fmt: skip
    names = ("accuracy", "val_accuracy", "loss", "val_loss")
    history = [{"epoch": k} | dict.fromkeys(names, k / 9) for k in range(1, 9)]
    runs = {f"{arm}\n1,000 images": [history] for arm in "abcdefgh"}
    yield overfitting_curves(runs, TITLE)
    yield overfitting_curves(runs, TITLE, metrics=("accuracy", "loss"), note=NOTE)
    values = {LONG: [(0.5, 0.4, 0.6)] * 5, f"{LONG}, augmented": [(0.6, 0.5, 0.7)] * 5}
    panel = Panel(
        "shifted", "share of the width", range(5), [picture()] * 5, values, values, trained=(1, 2)
    )
    yield invariance_panels([panel, panel], title=TITLE, note=NOTE)
    yield integral_step("exponential", "exponential", 3.5, riemann_sum("box", "box", 0.5))
    shares = [(1.0, 0.9, 1.0), (0.5, 0.4, 0.6), (0.0, 0.0, 0.1)]
    attack = Attack((0, 8, 16), shares)
    attacks = {name: {LONG: attack} for name in ("random noise", "FGSM", "PGD")}
    shown = [("8/255", picture(), "predicted cat 97%")] * 5
    yield attack_curves(attacks, shown, title=TITLE, note=NOTE)


@pytest.mark.parametrize("number", range(7))
def test_text_of_sheets_does_not_overlap(number):
    assert collisions(list(sheets())[number], over_images=False) == []


@pytest.mark.parametrize("number", range(7))
def test_text_of_charts_does_not_overlap(number):
    found = collisions(list(charts())[number])
    # Its second line is left blank for the legend.
    assert [one for one in found if "class probability" not in one] == []


@pytest.mark.parametrize("models", [1, 8])
@pytest.mark.parametrize("classes", [2, 10])
def test_text_of_a_reliability_diagram_does_not_overlap(models, classes):
    found = calibration(RANDOM.dirichlet(np.ones(classes), 300), RANDOM.integers(0, classes, 300))
    figure = reliability_diagram({f"{LONG}_{k}": found for k in range(models)}, TITLE)
    assert collisions(figure) == []


@pytest.mark.parametrize("images", [{}, {"shuffled": [picture()] * 3}], ids=["bare", "strip"])
def test_text_of_curve_panels_does_not_overlap(images):
    curves = [BandedCurve(name, (30, 300, 3000), [(0.5, 0.4, 0.6)] * 3) for name in (LONG, "b")]
    panels = [
        CurvePanel(name, ("training images", "error"), curves, scale, (0.9, "chance"))
        for name, scale in (("as they are", "xy"), ("augmented", "xy"))
    ]
    assert collisions(curve_panels(panels, images, title=TITLE, note=NOTE)) == []


def test_ticks_of_near_places_do_not_overlap():
    places = (10, 25, 50, 125, 250, 400, 450, 500, 550, 625, 1000, 2000, 4000, 8000)
    curves = [BandedCurve(LONG, places, [(0.5, 0.4, 0.6)] * len(places))]
    panels = [CurvePanel(name, ("features", "error"), curves, "x", mark=500) for name in "ab"]
    figure = curve_panels(panels, {}, title=TITLE, note=NOTE)
    assert collisions(figure) == []
    assert 500 in figure.axes[0].get_xticks()


@pytest.mark.parametrize("images", [{}, {"shuffled": [picture(40, 40)] * 3}], ids=["bare", "strip"])
def test_text_of_interval_rows_does_not_overlap(images):
    dots = {LONG: (0.5, 0.4, 0.6), "b": (0.7, 0.6, 0.8)}
    rows = [IntervalRow(f"{name}\n1,000 parameters", dots) for name in (LONG, "second", "third")]
    for place in (0.3, 0.9):
        axis = ShareAxis("error", (place, "chance"))
        figure = interval_rows(rows, images, title=TITLE, note=NOTE, axis=axis)
        assert collisions(figure) == []


@pytest.mark.parametrize("sharpness", [0.1, 8.0, 30.0])
def test_text_of_ranking_curves_does_not_overlap(sharpness):
    labels = np.arange(600) % 3
    logits = RANDOM.normal(0, 1, (600, 3)) + sharpness * np.eye(3)[labels]
    curve = mean_curves(ranking_curves(logits, labels))
    figure = ranking_of_models({f"{LONG}_{k}": curve for k in range(2)}, TITLE)
    assert collisions(figure) == []


def test_text_of_risk_coverage_curves_does_not_overlap():
    curve = risk_coverage(RANDOM.dirichlet(np.ones(3), 300), RANDOM.integers(0, 3, 300))
    figure = risk_coverage_curves({f"{LONG}_{k}": curve for k in range(2)}, TITLE)
    assert collisions(figure) == []


def test_text_of_class_features_does_not_overlap():
    gradients = np.stack([RANDOM.normal(size=(28, 28)), np.zeros((28, 28))])
    shown = np.stack([picture(28, 28, 1)] * 2)
    networks = {name: ClassFeatures(gradients, shown) for name in ("standard training", LONG)}
    figure = class_features(list(shown), networks, [LONG, "cat"], title=TITLE, note=NOTE)
    assert collisions(figure, over_images=False) == []


def test_text_of_sanity_checks_does_not_overlap():
    assert collisions(sanity(), over_images=False) == []


def test_text_of_a_confusion_matrix_does_not_overlap():
    figure = confusion_matrix(np.eye(3, dtype=int) * 1000, [LONG, "cat", "dog"], TITLE)
    assert collisions(figure, over_images=True) == []
