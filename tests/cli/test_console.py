"""Standard streams that are closed, full, or have another encoding."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = "tests/images/three.jpg"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="redirections of a POSIX shell")
COMMANDS = {
    "help": ("-m app --help", 0),
    "models": ("-m app models --json", 0),
    "predict": (f"-m app predict mnist-convnet {IMAGE} --csv", 0),
    "usage": ("-m app predict", 2),
    "train flag": ("train.py --lr 3", 2),
    "no model": ("-m app predict nowhere x.png", 2),
    "lecture": ("-m app lecture output-size 5 3", 0),
}


def shell(command, **environment):
    return subprocess.run(
        ["bash", "-c", f"{sys.executable} {command}"],
        cwd=ROOT, capture_output=True, check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize("name", COMMANDS)
def test_command_closed_streams_do_not_change_its_status(name, closed):
    command, status = COMMANDS[name]
    done = shell(f"{command} {closed}")
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize("name", [name for name, (_, status) in COMMANDS.items() if status == 0])
def test_command_with_a_full_disk_behind_its_output_fails(name):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    done = shell(f"{COMMANDS[name][0]} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.decode() == "error: No space left on device.\n"


def test_command_whose_reader_has_gone_succeeds():
    done = shell("-m app models --commands | true; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0
    assert done.stderr == b""


def test_predict_closed_standard_input_is_wrong_usage():
    done = shell("-m app predict mnist-convnet - <&-")
    assert done.returncode == 2
    assert b"Standard input is closed" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_json_is_readable_whatever_the_encoding(encoding, tmp_path):
    (tmp_path / "猫 é 😀.jpg").write_bytes((ROOT / IMAGE).read_bytes())
    done = shell(
        f"-m app predict mnist-convnet '{tmp_path}' --json",
        PYTHONIOENCODING=encoding, PYTHONUTF8="1",
    )  # fmt: skip
    assert done.returncode == 0
    (found,) = json.loads(done.stdout.decode(encoding))
    assert found["image"] == str(tmp_path / "猫 é 😀.jpg")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_tables_and_help_are_printed_in_any_encoding(encoding):
    for command in ("-m app models", "-m app --help", "-m app lecture output-size 10 3 2 0"):
        done = shell(command, PYTHONIOENCODING=encoding, TERM="dumb")
        assert done.returncode == 0
        assert done.stderr == b""
