"""Full results that come with the program are complete and those of the slides' commands."""

import json
import re

import pytest
from PIL import Image

from app.lab.shipped import INDEX, RESULTS, shipped_result, times_table
from app.lecture.slides import SLIDES

COMMANDS = {
    one.command: one for slide in SLIDES for one in slide.examples if one.command.startswith("lab ")
}
TIMES = "## Processor times"
SHIPPED = json.loads((RESULTS / INDEX).read_text("utf-8"))


def test_shipped_results_belong_to_slides():
    assert SHIPPED
    assert set(SHIPPED) <= set(COMMANDS)
    files = {path.name for path in RESULTS.iterdir()} - {INDEX}
    assert files == {name for one in SHIPPED.values() for name in one["figures"]}


@pytest.mark.parametrize("command", SHIPPED)
def test_shipped_result_has_finding_date_machine_and_figures(command):
    found = shipped_result(command)
    assert found.finding
    assert not found.finding.startswith("No finding")
    assert SHIPPED[command]["rows"]
    assert "CPU cores" in found.measured
    assert len(found.figures) == len(COMMANDS[command].figures)
    for path in found.figures:
        with Image.open(path) as image:
            assert image.width == 1200


def test_shipped_result_of_another_command_is_none():
    assert shipped_result("lab locality --dataset digits -o lecture/lab") is None


def test_the_readme_of_the_lecture_ends_with_the_processor_times_of_shipped_results():
    text = (RESULTS.parents[1] / "lecture" / "README.md").read_text("utf-8")
    found = dict(re.findall(r"^\| `(lab [^|]*)` \| ([^|]*) \|$", text.partition(TIMES)[2], re.M))
    measured = {
        command.split(" -o ")[0]: entry["processor_seconds"]
        for command, entry in SHIPPED.items()
        if "processor_seconds" in entry
    }
    assert measured
    assert found.keys() == measured.keys()
    for command, shown in found.items():
        minutes, seconds = re.fullmatch(r"(?:(\d+)m )?(\d+)s", shown).groups(default=0)
        assert abs(60 * int(minutes) + int(seconds) - measured[command]) <= 0.5
    assert text.endswith(times_table())
