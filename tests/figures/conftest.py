from tests.insight.conftest import _seed, image, model  # noqa: F401
