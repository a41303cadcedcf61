"""Kills at the writes of a training run: `--resume` gives what an undisturbed run gives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import write_shapes
from tests.fuzz.conftest import Campaign
from tests.fuzz.killing import result, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc/self/fd"),
]
# A kill takes as long as some thirty damaged files.
_INPUTS_PER_KILL = 30


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("kills") / "shapes", count=6, side=20)


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    """The writes of an undisturbed run, and its result."""
    folder = tmp_path_factory.mktemp("whole")
    found = run(data, folder)
    assert found["status"] == 0, found["text"]
    model = result(folder)
    assert model is not None
    assert [path.name for path in folder.iterdir()] == [model["name"]]
    return found["writes"], model


def spread(writes: list[str], count: int) -> list[int]:
    """Return `count` points, evenly spread over the writes since the first epoch."""
    first = next(number for number, write in enumerate(writes, 1) if "history.csv" in write)
    places = np.linspace(first, len(writes), min(count, len(writes) - first + 1) + 1)[1:]
    return sorted({round(place) for place in places})


def resume(data: Path, folder: Path) -> dict[str, Any]:
    """Go on with a run; if nothing was saved or all is finished, repeat the command itself."""
    resumed = run(data, folder, "--resume")
    return run(data, folder) if "no unfinished run" in resumed["text"] else resumed


def test_resume_after_a_kill_at_any_write_gives_the_undisturbed_result(
    data: Path,
    whole: tuple[list[str], dict[str, Any]],
    tmp_path: Path,
    campaign: Campaign,
) -> None:
    writes, expected = whole
    for point in spread(writes, max(2, campaign.count // _INPUTS_PER_KILL)):
        folder = tmp_path / str(point)
        folder.mkdir()
        assert run(data, folder, point=point)["status"] == -9
        last = resume(data, folder)
        assert last["status"] == 0, (writes[point - 1], last["text"])
        assert result(folder) == expected, writes[point - 1]
        assert [path.name for path in folder.iterdir()] == [expected["name"]]
        campaign.note(f"killed before '{writes[point - 1].split()[0]}', resumed")


@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
def test_resume_after_a_signal_at_any_write_gives_the_undisturbed_result(
    data: Path,
    whole: tuple[list[str], dict[str, Any]],
    tmp_path: Path,
    campaign: Campaign,
    sent: str,
) -> None:
    writes, expected = whole
    count = max(1, campaign.count // _INPUTS_PER_KILL // 10)
    for point in spread(writes, count + 1)[:-1]:  # the last write ends a run that is saved
        folder = tmp_path / str(point)
        folder.mkdir()
        stopped = run(data, folder, point=point, sent=sent)
        assert stopped["status"] in (0, 130, 143), stopped["text"]
        assert "Traceback" not in stopped["text"]
        last = resume(data, folder)
        assert last["status"] == 0, (writes[point - 1], last["text"])
        assert result(folder) == expected, writes[point - 1]
        campaign.note(f"stopped by {sent}, resumed")
