"""The page with small networks, made by hand; one server for all tests of the network view."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.web.engine.programs import ProgramBuilder, window
from tests.web.network.network_page import NetworkPage
from tests.web.page.stub_server import StubServer

CLASSES = ["zero", "one", "two"]
SIZE = 12


def small_program() -> bytes:
    """A network with each common kind of layer; the second filter is silent."""
    random = np.random.default_rng(1)
    normal = lambda *shape: random.normal(0, 0.4, shape)  # noqa: E731
    bias = np.array([0.1, -1e6, 0.2, -0.1, 0.3, -0.2, 0.1, 0.4, -0.3, 0.2])
    builder = ProgramBuilder((SIZE, SIZE, 1))
    builder.add("scale", "rescale", (SIZE, SIZE, 1), scale=1 / 255, offset=0.0)
    conv = {"kernel": normal(3, 3, 1, 10), "bias": bias}
    builder.add("conv", "conv", (10, 10, 10), conv, groups=1, **window())
    builder.add("conv:relu", "activation", (10, 10, 10), function="relu")
    statistics = {
        "mean": normal(10),
        "variance": normal(10) ** 2,
        "gamma": normal(10),
        "beta": normal(10),
    }
    builder.add("norm", "normalize", (10, 10, 10), statistics, epsilon=1e-3)
    builder.add("pool", "max_pool", (5, 5, 10), size=[2, 2], **window(strides=(2, 2)))
    local = {"kernel": normal(3, 3, 3, 3, 10, 4), "bias": normal(3, 3, 4)}
    builder.add("local", "local", (3, 3, 4), local, size=[3, 3], **window())
    builder.add("flatten", "flatten", (36,))
    builder.add("dropout", "dropout", (36,), rate=0.5)
    builder.add("dense", "dense", (3,), {"kernel": normal(36, 3), "bias": normal(3)})
    builder.add("dense:softmax", "activation", (3,), function="softmax")
    return builder.build(name="small", classes=CLASSES, mnist_style=True)


def wide_and_deep_program() -> bytes:
    """Sixty layers of 300 maps."""
    builder = ProgramBuilder((6, 6, 1))
    kernel = np.full((1, 1, 1, 300), 1 / 255)
    for number in range(60):
        weights = {"kernel": kernel, "bias": np.zeros(300)}
        builder.add(f"layer_{number}", "conv", (6, 6, 300), weights, groups=1, **window())
        kernel = np.eye(300)[None, None]
    builder.add("mean", "global_average", (300,))
    builder.add("dense", "dense", (3,), {"kernel": np.ones((300, 3)), "bias": np.zeros(3)})
    return builder.build(name="wide", classes=CLASSES, mnist_style=True)


def described(name: str, size: int) -> dict:
    image = {"height": size, "width": size, "channels": 1}
    return {
        "name": name, "classes": CLASSES, "image": image, "mnist_style": True, "dataset": "mnist",
        "parameters": 1, "accuracy": 0.9, "server_only": None, "outputs": "distribution",
    }  # fmt: skip


@pytest.fixture(scope="session")
def server() -> Iterator[StubServer]:
    programs = {"small": small_program(), "wide": wide_and_deep_program()}
    models = [described("small", SIZE), described("wide", 6)]
    with StubServer(models, programs, {}) as started:
        yield started


@pytest.fixture
def open_page(browser, server):
    """Opens pages; none may report an error."""
    pages: list[NetworkPage] = []

    def opened(**options) -> NetworkPage:
        pages.append(NetworkPage(browser, server, **options))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()
    assert [problem for page in pages for problem in page.problems if "404" not in problem] == []


@pytest.fixture(scope="session")
def modules(browser, server):
    """Returns values of expressions over modules of the page."""
    page = NetworkPage(browser, server)

    def value(module: str, expression: str, given=None):
        return page.page.evaluate(
            f"async ([path, given]) => {{ const m = await import(path); return ({expression}); }}",
            [f"/static/{module}", given],
        )

    yield value
    page.close()
