import subprocess
import sys
import threading
import zlib

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from app.errors import AppError
from app.figure_files import save
from app.figures.canvas.annotation import legend_below
from app.figures.canvas.style import PALETTE, PIXELS_WIDE, WIDTH, styled


def make_figure(height: float = 4.0, width: float = WIDTH) -> Figure:
    with styled():
        figure = Figure(figsize=(width, height))
        axes = figure.add_subplot()
        for number in range(3):
            axes.plot(np.arange(10) * number, label=f"line {number}")
        axes.set(title="Lines", xlabel="epoch", ylabel="loss")
        axes.legend()
    return figure


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF"), ("A.PNG", b"\x89PNG"),
        ("a.jpg", b"\xff\xd8"), ("a.jpeg", b"\xff\xd8"), ("a.webp", b"RIFF"),
    ],
)  # fmt: skip
def test_save_format_follows_the_extension(tmp_path, name, start):
    save(make_figure(), tmp_path / "new" / name)
    assert (tmp_path / "new" / name).read_bytes().startswith(start)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_legend_below_long_note_fits_the_figure():
    with styled():
        figure = Figure(figsize=(WIDTH, 4.0))
        axes = figure.add_subplot()
        axes.plot([0, 1], label="a model with a name")
        legend_below(figure, axes, 20 * "what one model says of it ")
        FigureCanvasAgg(figure).draw()
    extent = figure.legends[0].get_window_extent()
    assert 0 <= extent.x0 < extent.x1 <= figure.bbox.width


@pytest.mark.parametrize("width", [4.0, WIDTH, 11.0])
def test_save_figures_are_1200_pixels_wide(tmp_path, width):
    save(make_figure(width=width), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert abs(image.width - PIXELS_WIDE) <= 1


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_save_is_reproducible(tmp_path, ending):
    for name in ("a", "b"):
        save(make_figure(), tmp_path / f"{name}.{ending}")
    first = (tmp_path / f"a.{ending}").read_bytes()
    assert first == (tmp_path / f"b.{ending}").read_bytes()
    assert b"Matplotlib v" not in first
    assert b"CreationDate" not in first
    assert b"dc:date" not in first


@pytest.mark.parametrize("name", ["a.bmp", "a", "a.png.txt"])
def test_save_unknown_extension_raises(tmp_path, name):
    with pytest.raises(AppError) as refused:
        save(make_figure(), tmp_path / name)
    assert name in refused.value.received
    assert ".webp, .svg or .pdf" in refused.value.expected
    assert ".png" in refused.value.fix
    assert refused.value.status == 2
    assert not list(tmp_path.iterdir())


def test_save_failure_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    figure = make_figure()
    monkeypatch.setattr(figure, "savefig", lambda *_, **__: zlib.decompress(b"no"))
    with pytest.raises(zlib.error):
        save(figure, path)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_styled_restores_parameters():
    before = dict(matplotlib.rcParams)

    @styled()
    def fail() -> None:
        assert matplotlib.rcParams["axes.spines.top"] is False
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert dict(matplotlib.rcParams) == before


def test_styled_ignores_the_users_own_settings():
    with matplotlib.rc_context({"lines.linestyle": ":", "axes.facecolor": "red"}):
        axes = make_figure().axes[0]
    assert axes.lines[0].get_linestyle() == "-"
    assert matplotlib.colors.to_hex(axes.get_facecolor()) == "#ffffff"


def test_styled_decorates():
    @styled()
    def draw() -> str:
        return Figure().add_subplot().plot([0, 1])[0].get_color()

    assert [draw(), draw()] == [PALETTE[0]] * 2


def test_styled_is_safe_for_threads():
    before = dict(matplotlib.rcParams)
    threads = [threading.Thread(target=make_figure) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(matplotlib.rcParams) == before


def test_palette_colors_are_distinct():
    colors = np.array([matplotlib.colors.to_rgb(color) for color in PALETTE])
    assert len(PALETTE) == 8
    apart = np.linalg.norm(colors[:, None] - colors[None], axis=2)[~np.eye(8, dtype=bool)]
    assert apart.min() > 0.25


def test_pyplot_is_never_imported():
    code = (
        "import sys, app.figures.canvas.contact_sheet, app.figures.canvas.style; "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
