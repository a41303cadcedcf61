"""The files of the page are part of the wheel: the page works where the package is installed."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.web.bundle import STATIC

ROOT = Path(__file__).parents[3]
BUILD = "from setuptools.build_meta import build_wheel; print(build_wheel('.'))"


@pytest.mark.slow
def test_a_wheel_holds_every_file_of_the_page(tmp_path):
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__", "results")
    shutil.copytree(ROOT / "app", source / "app", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "train.py"):
        shutil.copy(ROOT / name, source)
    # The license expression is newer than the setuptools that may be installed here.
    project = (source / "pyproject.toml").read_text("utf-8")
    project = project.replace('license = "MIT"\n', "").replace('license-files = ["LICENSE"]\n', "")
    (source / "pyproject.toml").write_text(project, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(source / done.stdout.splitlines()[-1]) as wheel:
        packed = set(wheel.namelist())
    wanted = {
        f"app/web/static/{path.relative_to(STATIC).as_posix()}"
        for path in STATIC.rglob("*")
        if path.is_file()
    }
    assert "app/web/static/index.html" in wanted
    assert wanted <= packed
