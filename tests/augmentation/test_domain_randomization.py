import numpy as np
import pytest

from app.augmentation.domain_randomization import LIMITS, DomainRandomization

START = DomainRandomization.beginning()


def after(rounds, kept, clean=0.9, chance=0.5, begin=START):
    """Boundaries after rounds in which each keeps a share of the accuracy above chance."""
    state = begin
    for _ in range(rounds):
        at_boundary = dict.fromkeys(LIMITS, chance + kept * (clean - chance))
        state = state.updated(clean, at_boundary, chance)
    return state


def test_beginning_flips_only():
    drawn = START.augmentation().draw(np.arange(200), 0, 0, 20, 30)
    assert 60 < drawn.flip_horizontal.sum() < 140
    for name in ("rotation", "shift_x", "shift_y", "shear"):
        assert not getattr(drawn, name).any()
    assert (drawn.zoom_x == 1).all()
    assert drawn.brightness is None
    assert START.extent == 0
    unmirrored = DomainRandomization.beginning(horizontal_flip=False)
    wide = unmirrored.updated(0.9, dict.fromkeys(LIMITS, 0.9), 0.5)
    assert not wide.augmentation().horizontal_flip


def test_updated_ranges_widen_to_their_limits():
    wide = after(50, kept=1.0)
    assert wide.widths == pytest.approx({name: limit for name, (limit, _) in LIMITS.items()})
    assert wide.extent == pytest.approx(1)
    drawn = wide.augmentation().draw(np.arange(2000), 0, 0, 100, 100)
    assert np.abs(drawn.rotation).max() == pytest.approx(90, rel=0.01)
    assert drawn.zoom_x.min() == pytest.approx(0.4, rel=0.02)
    assert drawn.zoom_x.max() == pytest.approx(1.8, rel=0.02)
    assert drawn.brightness.min() == pytest.approx(0.3, rel=0.02)


def test_updated_ranges_narrow_to_zero_and_stay_in_between():
    half = after(5, kept=1.0)
    assert half.extent == pytest.approx(0.5)
    assert after(1, kept=0.8, begin=half) == half
    assert after(1, kept=0.5, begin=half).extent == pytest.approx(0.4)
    assert after(50, kept=0.5, begin=half).extent == 0


def test_updated_ranges_stay_before_the_network_has_learned():
    assert after(3, kept=1.0, clean=0.55) == START


def test_updated_ranges_move_each_boundary_separately():
    state = START.updated(0.9, {**dict.fromkeys(LIMITS, 0.5), "rotation": 0.9}, 0.5)
    assert state.widths["rotation"] == 9
    assert state.extent == pytest.approx(0.1 / len(LIMITS))


@pytest.mark.parametrize("name", LIMITS)
def test_pinned_transforms_are_one_step_beyond_the_boundary(name):
    state = after(3, kept=1.0)
    positions = np.arange(300)
    drawn = state.augmentation().draw(positions, 5, 2, 40, 60)
    pinned = state.pinned(name, positions, 5, 2, (40, 60))
    limit = LIMITS[name][0]
    edge = 0.4 * limit
    expected = {
        "rotation": ("rotation", {-edge, edge}), "shear": ("shear", {-edge, edge}),
        "width_shift": ("shift_x", {-edge * 60, edge * 60}),
        "height_shift": ("shift_y", {-edge * 40, edge * 40}),
        "zoom_in": ("zoom_x", {1 - edge}), "zoom_out": ("zoom_y", {1 + edge}),
        "darker": ("brightness", {1 - edge}), "brighter": ("brightness", {1 + edge}),
        "channel_shift": ("channel_shift", {-edge, edge}),
    }  # fmt: skip
    field, values = expected[name]
    assert sorted(set(getattr(pinned, field))) == pytest.approx(sorted(values))
    other = "shear" if field != "shear" else "rotation"
    np.testing.assert_array_equal(getattr(pinned, other), getattr(drawn, other))


def test_from_ranges_reads_a_row_of_history():
    state = after(4, kept=1.0)
    row = {"epoch": 4.0, **state.ranges()}
    assert DomainRandomization.from_ranges(row) == state
