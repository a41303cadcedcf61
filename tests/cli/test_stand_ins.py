"""Stand-ins follow one rule: announced and named in all output, and no model of the real images
is measured on one."""

import json

import pytest

pytestmark = pytest.mark.usefixtures("no_data", "no_network")


@pytest.mark.parametrize(
    "command",
    [
        ("data", "info", "mnist"),
        ("data", "check", "mnist"),
        ("plot", "augment", "mnist", "-o", "OUT.svg"),
        ("plot", "embedding", "mnist-dense", "--images", "20", "-o", "OUT.svg"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_stand_in_is_announced_and_named(run, tmp_path, command):
    status, out, err = run(*(word.replace("OUT", str(tmp_path / "out")) for word in command))
    assert status == 0, err
    assert "STAND-IN: no network reaches the servers of mnist." in err
    assert "download" not in err
    shown = (tmp_path / "out.svg").read_text("utf-8") if "-o" in command else out
    assert "mnist (stand-in)" in shown


def test_data_check_of_a_stand_in_says_that_it_shows_nothing(run):
    status, out, err = run("data", "check", "mnist", "--json")
    assert status == 0
    assert "says nothing of your data" in err
    assert json.loads(out)["dataset"] == "mnist (stand-in)"


@pytest.mark.parametrize(
    "command", [("evaluate", "mnist-dense"), ("lab", "robustness", "mnist-dense", "-o", "OUT")]
)
def test_a_model_of_real_images_is_not_measured_on_a_stand_in(run, tmp_path, command):
    words = [word.replace("OUT", str(tmp_path / "out")) for word in command]
    status, out, err = run(*words)
    assert (status, out) == (1, "")
    assert "--dataset digits" in err
    assert run(*words, "--dataset", "digits")[0] == 0 if command[0] == "evaluate" else True


def test_report_without_network_leaves_out_the_dataset_in_every_chapter(run, tmp_path):
    target = tmp_path / "report.html"
    status, _, err = run("report", "mnist-dense", "-o", target)
    assert status == 0, err
    for chapter in ("Measured", "Patterns", "Map of the data"):
        assert f"left out: {chapter}: " in err
    assert "STAND-IN" not in err
