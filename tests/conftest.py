"""Fixtures of all tests, fixed seeds, and what happens if a requirement of a test is missing.

`tests/<package>/test_<module>.py` tests `app/<package>/<module>.py`. A file that tests several
modules together bears the name of what they do, such as `test_layout.py`. The arithmetic of the
lecture starts neither Keras nor workers.

`pytest` leaves out the slow tests, `pytest -m slow` runs them; `pytest FILE` runs all of a file.
"""

import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples in every run, and no limit on their time: machines are noisy.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


# A shell starts background jobs with SIGINT ignored, `nohup` ignores SIGHUP; processes that tests
# start and signal would inherit that.
for _name, _handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    _number = getattr(signal, _name, None)  # Windows has no SIGHUP
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def _seed_everything() -> None:
    """Seed Python, NumPy and, once it is imported, Keras with its backend."""
    random.seed(0)
    np.random.seed(0)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Iterator[None]:
    """Seed before each fixture: one that many tests share must not depend on which is first."""
    _seed_everything()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Seed before each test, whatever ran before it."""
    _seed_everything()
    return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how long the campaigns of `tests/fuzz` are."""
    parser.addoption(
        "--fuzz", type=int, default=60, metavar="N", help="damaged inputs per campaign (60)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Leave the slow tests out, unless files or marks are given."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = "not slow"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return two workers for the whole suite; none for chosen files, which start at once."""
    return 2 if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with the most slow tests first, so that no worker is left with them at last."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the outcomes of the inputs of each campaign."""
    lines = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "fuzz" and getattr(report, "when", "") == "teardown"
    ]
    if lines:
        terminalreporter.section("damaged inputs")
        terminalreporter.write_line("\n".join(sorted(lines)))


def missing(reason: str) -> None:
    """Skip the test; in CI, where everything must be there, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"needed in CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """Keras, started without its messages."""
    from app.keras_startup import start_keras

    start_keras()
    return sys.modules["keras"]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. All tests share it: Playwright runs once in a thread."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        missing("a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


# Packages and files whose tests start Keras by the fixture `keras`, or not at all.
_WITHOUT_KERAS = {
    "augmentation", "data", "lecture", "test_config.py", "test_files.py", "test_architecture.py",
    "test_metrics.py", "test_names.py", "test_reading.py", "test_signals.py", "sweep", "web",
}  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _started_keras(request: pytest.FixtureRequest) -> None:
    """Start Keras before all tests, if any of them is of another package."""
    here = Path(__file__).parent
    parts = {item.path.relative_to(here).parts[0] for item in request.session.items}
    if parts - _WITHOUT_KERAS or "keras" in sys.modules:
        request.getfixturevalue("keras")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Neither read nor write the cache of the user who runs the tests."""
    before = os.environ.get("CONVLAB_CACHE")
    os.environ["CONVLAB_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["CONVLAB_CACHE"]
    else:
        os.environ["CONVLAB_CACHE"] = before


@pytest.fixture
def real_data() -> Path:
    """The folder with the real MNIST and cats-vs-dogs images."""
    folder = os.environ.get("CONVLAB_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        missing("the real images: set CONVLAB_DATA to their folder")
    return Path(folder)


@pytest.fixture
def no_data(monkeypatch, tmp_path) -> Path:
    """An empty data folder, which the environment names."""
    folder = tmp_path / "no-data"
    folder.mkdir()
    monkeypatch.setenv("CONVLAB_DATA", str(folder))
    return folder


@pytest.fixture
def no_network(monkeypatch) -> None:
    """Whoever tries to reach a server fails at once."""
    import socket

    def refuse(*_arguments, **_keywords):
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def latin_1(name: str) -> str:
    """Return a file name in Latin-1, as old archives have it; skip where there cannot be one."""
    if sys.platform in ("win32", "darwin"):
        pytest.skip("file names are UTF-8 here")
    return os.fsdecode(name.encode("latin-1"))


def write_shapes(root: Path, count: int = 12, side: int = 40) -> Path:
    """Write a folder of three classes that anything can learn: bars across, bars down, a disc."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    masks = {
        "across": rows // 5 % 2 == 0,
        "down": columns // 5 % 2 == 0,
        "disc": (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side / 3) ** 2,
    }
    for name, mask in masks.items():
        (root / name).mkdir(parents=True)
        for i in range(count):
            dark, bright = rng.integers(0, 90, 3), rng.integers(150, 255, 3)
            pixels = np.where(mask[..., np.newaxis], bright, dark) + rng.normal(
                0, 8, (side, side, 3)
            )
            image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
            image.save(root / name / f"{i}.png")
    return root


@pytest.fixture
def shapes(tmp_path) -> Path:
    """A folder dataset of three easy classes."""
    return write_shapes(tmp_path / "shapes")


@pytest.fixture(scope="session")
def shapes_model(tmp_path_factory) -> tuple[Path, Path]:
    """A model trained for a moment on `shapes`, and that folder; neither may be changed."""
    from app.config import RunSettings
    from app.training.run import train

    root = tmp_path_factory.mktemp("session")
    data = write_shapes(root / "shapes")
    config = RunSettings(
        dataset=str(data), model="modern", image_size=32, epochs=6, batch_size=8,
        learning_rate=3e-3, augment="none", tta=False, precision="float32",
        output=str(root / "models"),
    )  # fmt: skip
    outcome = train(config, listeners=[])
    return outcome.folder, data
