"""Every public name, argument, default and attribute of Keras 2's module, beside ours."""

import importlib.util
import re
from pathlib import Path

import pytest

from app.keras2 import image_data_generator as ours


@pytest.fixture(scope="module")
def api():
    pytest.importorskip("tf_keras")
    pytest.importorskip("pandas")
    path = Path(__file__).parents[3] / "benchmarks" / "generator_api.py"
    spec = importlib.util.spec_from_file_location("generator_api", path)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["generator_api"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["generator_api"]


def test_api_differs_from_keras_2_only_where_a_reason_is_given(api):
    rows = api.rows()
    assert len(rows) > 400
    unexplained = [row for row in rows if not row.same and row.reason is None]
    assert not unexplained
    lacking = [row.name for row in rows if row.ours == "–"]
    assert not lacking
    for pattern in api.REASONS:
        assert any(re.fullmatch(pattern, row.name) and not row.same for row in rows), pattern


def test_generator_package_exports_what_scripts_import_from_keras_preprocessing_image():
    tf_keras = pytest.importorskip("tf_keras")
    names = [name for name in dir(tf_keras.preprocessing.image) if not name.startswith("_")]
    assert not [name for name in names if not hasattr(ours, name)]
