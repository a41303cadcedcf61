import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from playwright.sync_api import Error
from safetensors.numpy import load, save

pytestmark = pytest.mark.slow

_TYPES = (np.float32, np.uint8, np.int32)
_ARRAYS = st.sampled_from(_TYPES).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=4, max_side=4))
)
_NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(
    lambda name: name != "__metadata__"
)


@given(tensors=st.dictionaries(_NAMES, _ARRAYS, min_size=1, max_size=4))
@settings(max_examples=40)
def test_tensors_read_and_written_by_the_page_are_those_of_the_library(engine, tensors):
    body = "const { tensors } = engine.readTensors(file); return tensors;"
    copies = engine.arrays(body, file=save(tensors))
    assert copies.keys() == tensors.keys()
    for name, values in tensors.items():
        assert copies[name].dtype == values.dtype
        np.testing.assert_array_equal(copies[name], values)


def test_metadata_returns_as_it_was_written(engine):
    text = 'quotes ", umlauts ä and 数字'
    file = save({"a": np.zeros(1, np.uint8)}, metadata={"program": text})
    body = """
    const { metadata, tensors } = engine.readTensors(file);
    return engine.readTensors(engine.writeTensors(tensors, metadata)).metadata;
    """
    assert engine.ask(body, file=file) == {"program": text}


def test_a_view_into_a_larger_buffer_is_read(engine):
    values = np.arange(5, dtype=np.float32)
    body = """
    const shifted = new Uint8Array(file.byteLength + 1);
    shifted.set(new Uint8Array(file), 1);
    return engine.readTensors(shifted.subarray(1)).tensors;
    """
    np.testing.assert_array_equal(engine.arrays(body, file=save({"a": values}))["a"], values)


def test_tensors_that_are_written_begin_at_multiples_of_eight_bytes(engine):
    file = save({"long name": np.ones(3, np.float32)})
    body = "return new Uint8Array(engine.writeTensors(engine.readTensors(file).tensors))[0];"
    assert engine.ask(body, file=file) % 8 == 0
    assert list(load(file)) == ["long name"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file[:5], "has 5 bytes"),
        (lambda file: file[:20], "header ends at byte"),
        (lambda file: file[:-1], "no bytes 0 to 8"),
        (lambda file: file.replace(b'{"a"', b'x"a""'[:4]), "not JSON"),
        (lambda file: file.replace(b"F32", b"F16"), "type F16. Expected one of: float32"),
        (lambda file: file.replace(b"[2]", b"[3]"), r"2 numbers for shape \(3\)"),
    ],
)
def test_a_damaged_file_raises_what_is_wrong(engine, damage, message):
    file = damage(save({"a": np.ones(2, np.float32)}))
    with pytest.raises(Error, match=message):
        engine.ask("engine.readTensors(file);", file=file)
