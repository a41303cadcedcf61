"""Steps between cells, maps and layers by keys."""

import pytest

COLUMNS = [
    {"height": 6, "width": 4, "channels": 2, "isVector": False},
    {"height": 3, "width": 2, "channels": 5, "isVector": False},
    {"height": 1, "width": 1, "channels": 10, "isVector": True},
]
LAYOUT = {"columns": 4, "rows": 3, "cell": 14}
MOVE = "m.moveBy(given[0], () => given[1], given[2], { key: given[3], shiftKey: given[4] })"


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        ((0, 0, 2, 1), "ArrowDown", (0, 0, 3, 1)),
        ((0, 0, 2, 1), "ArrowRight", (0, 0, 2, 2)),
        ((0, 0, 5, 1), "ArrowDown", (0, 1, 5, 1)),  # on to the next map
        ((0, 1, 5, 1), "ArrowDown", (0, 1, 5, 1)),  # there is none
        ((0, 0, 2, 3), "ArrowRight", (1, 0, 1, 1)),  # on to the next layer
        ((1, 4, 1, 0), "ArrowLeft", (0, 1, 3, 1)),
        ((1, 4, 1, 0), "Shift+ArrowUp", (1, 3, 1, 0)),
        ((1, 4, 1, 0), "PageDown", (1, 4, 1, 0)),
        ((1, 4, 1, 0), "Shift+ArrowRight", (2, 4, 0, 0)),
        ((2, 4, 0, 0), "ArrowUp", (2, 0, 0, 0)),
        ((2, 4, 0, 0), "ArrowDown", (2, 8, 0, 0)),
        ((2, 7, 0, 0), "ArrowDown", (2, 7, 0, 0)),  # behind the end of the vector
        ((2, 3, 0, 0), "ArrowLeft", (2, 2, 0, 0)),
        ((2, 3, 0, 0), "ArrowRight", (2, 3, 0, 0)),  # the last layer
        ((2, 9, 0, 0), "Home", (0, 1, 3, 2)),
        ((0, 0, 5, 3), "End", (2, 0, 0, 0)),
    ],
)
def test_a_key_leads_to_a_place(modules, start, key, end):
    names = ("index", "channel", "row", "column")
    place = dict(zip(names, start, strict=True))
    shift, _, plain = key.rpartition("+")
    answer = modules("parts/walk.js", MOVE, [COLUMNS, LAYOUT, place, plain, bool(shift)])
    assert tuple(answer[name] for name in names) == end


@pytest.mark.parametrize("key", ["Enter", "a", "Tab", "Escape"])
def test_other_keys_do_not_move(modules, key):
    place = {"index": 0, "channel": 0, "row": 0, "column": 0}
    assert modules("parts/walk.js", MOVE, [COLUMNS, LAYOUT, place, key, False]) is None


def test_a_place_of_an_address_is_brought_into_the_network(modules):
    wild = {"index": 9, "channel": 99, "row": -3, "column": 1e9}
    clipped = modules("parts/walk.js", "m.clippedPlace(...given)", [COLUMNS, wild])
    assert clipped == {"index": 2, "channel": 9, "row": 0, "column": 0}
