"""What a model file may not do: read other files, inflate, hide code, or crash the reader."""

import io
import json
import resource
import tracemalloc
import warnings
import zipfile

import h5py
import keras
import numpy as np
import pytest
import tf_keras

from app.cli import main
from app.errors import AppError
from app.keras2 import containers
from app.keras2.model_files import load_keras2_model, load_keras2_weights
from tests.keras2.saving import save

L = tf_keras.layers


def small():
    """A model of one dense layer, whose kernel is `(4, 2)`."""
    return tf_keras.Sequential([L.Input((4,)), L.Dense(2, name="dense")])


@pytest.fixture
def secret(tmp_path):
    """A file that no model may read, and an HDF5 file likewise."""
    path = tmp_path / "secret.bin"
    path.write_bytes(np.arange(8, dtype="float32").tobytes())
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["kernel"] = np.arange(8, dtype="float32").reshape(4, 2)
    return path


def reach_out(file, name, kind, secret):
    """Replace a dataset by one that takes its numbers from elsewhere."""
    del file[name]
    other = str(secret.with_suffix(".h5"))
    if kind == "external storage":
        file.create_dataset(name, (4, 2), "float32", external=[(str(secret), 0, 32)])
    elif kind == "virtual dataset":
        layout = h5py.VirtualLayout((4, 2), "float32")
        layout[:] = h5py.VirtualSource(other, "kernel", (4, 2))
        file.create_virtual_dataset(name, layout)
    elif kind == "external link":
        file[name] = h5py.ExternalLink(other, "kernel")
    else:
        file[name] = h5py.SoftLink("/elsewhere")


KINDS = {
    "external storage": "stored outside",
    "virtual dataset": "virtual dataset",
    "external link": "external link",
    "soft link": "soft link",
}


@pytest.mark.parametrize("kind", KINDS)
def test_h5_that_reads_another_file_is_refused(kind, secret, tmp_path):
    path = save(small(), tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        reach_out(file, "model_weights/dense/dense/kernel:0", kind, secret)
    with pytest.raises(AppError, match=KINDS[kind]):
        load_keras2_model(path)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_read_another_file_are_refused(kind, secret, tmp_path):
    small().save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        reach_out(file, "dense/dense/kernel:0", kind, secret)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    before = model.get_weights()[0]
    with pytest.raises(AppError, match=KINDS[kind]):
        load_keras2_weights(model, tmp_path / "w.h5")
    np.testing.assert_array_equal(model.get_weights()[0], before)


def rewrite(source, target, *, weights=None, entries=None, compression=zipfile.ZIP_STORED):
    """Copy an archive, with other entries or with changed weights."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        contents = {name: old.read(name) for name in old.namelist()}
        if weights is not None:
            stream = io.BytesIO(contents["model.weights.h5"])
            with h5py.File(stream, "r+") as file:
                weights(file)
            contents["model.weights.h5"] = stream.getvalue()
        for name, content in {**contents, **(entries or {})}.items():
            new.writestr(name, content)
    return target


@pytest.mark.parametrize("kind", KINDS)
def test_archive_whose_weights_read_another_file_is_refused(kind, secret, tmp_path):
    path = save(small(), tmp_path / "model.keras")

    def change(file):
        reach_out(file, "layers/dense/vars/0", kind, secret)

    with pytest.raises(AppError, match=KINDS[kind]):
        load_keras2_model(rewrite(path, tmp_path / "bad.keras", weights=change))


@pytest.mark.parametrize("entry", ["model.weights.h5", "config.json", "metadata.json", "x"])
def test_archive_that_inflates_is_refused_without_memory(entry, tmp_path):
    path = save(small(), tmp_path / "model.keras")
    padding = b" " * (100 << 20)
    entries = {entry: padding}
    compression = zipfile.ZIP_DEFLATED
    bomb = rewrite(path, tmp_path / "bomb.keras", entries=entries, compression=compression)
    del padding, entries
    assert bomb.stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(AppError, match="declare"):
        load_keras2_model(bomb)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_dataset_that_declares_too_much_is_refused(tmp_path):
    path = save(small(), tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        del file["model_weights/dense/dense/kernel:0"]
        shape = (100_000, 100_000)
        file.create_dataset("model_weights/dense/dense/kernel:0", shape, "f4", chunks=(10, 10))
    with pytest.raises(AppError, match="declare"):
        load_keras2_model(path)


def test_shapes_are_compared_before_values_are_read(tmp_path, monkeypatch):
    path = save(small(), tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        del file["model_weights/dense/dense/kernel:0"]
        file["model_weights/dense/dense/kernel:0"] = np.zeros((5, 2))

    def read(*_):
        raise AssertionError("values were read")

    monkeypatch.setattr(h5py.Dataset, "__array__", read)
    with pytest.raises(AppError, match=r"\(5, 2\)"):
        load_keras2_model(path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[]", "null", "{", "NaN", '{"class_name": 3}',
             '{"class_name": "Sequential"}',
             '{"class_name": "Functional", "config": {"layers": 3}}',
             '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}}']
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_invalid_configuration_is_refused(text, suffix, tmp_path):
    path = save(small(), tmp_path / f"model{suffix}")
    if suffix == ".h5":
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = text.encode() if len(text) < 60_000 else text[:60_000]
    else:
        path = rewrite(path, tmp_path / "bad.keras", entries={"config.json": text})
    with pytest.raises(AppError):
        load_keras2_model(path)


@pytest.mark.parametrize(
    ("content", "match"),
    [(b"", "empty"), (b"\x00\x00\x00\x00TFL3", "TFLite"), (b"\x80\x04.", "pickle"),
     (b'{"a": 1}', "JSON"), (b"hello", "another kind"), (b"\x1f\x8b\x08", "gzip")],
)  # fmt: skip
def test_file_of_another_kind_is_named(content, match, tmp_path):
    (tmp_path / "model.h5").write_bytes(content)
    with pytest.raises(AppError, match=match):
        load_keras2_model(tmp_path / "model.h5")


def test_saved_model_folder_is_named(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(AppError, match="SavedModel"):
        containers.container_kind(tmp_path)


@pytest.mark.parametrize("change", ["twice", "outside", "damaged", "without"])
def test_archive_that_keras_would_not_write_is_refused(change, tmp_path):
    path = save(small(), tmp_path / "model.keras")
    target = tmp_path / "bad.keras"
    if change == "outside":
        rewrite(path, target, entries={"../x": b"1"})
    elif change == "damaged":
        content = path.read_bytes()
        target.write_bytes(content[: len(content) // 2])
    else:
        rewrite(path, target)
        with warnings.catch_warnings(), zipfile.ZipFile(target, "a") as archive:
            warnings.simplefilter("ignore")
            archive.writestr("config.json" if change == "twice" else "y", b"{}")
        if change == "without":
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr("a.txt", b"")
    with pytest.raises(AppError):
        load_keras2_model(target)


def lambda_layer():
    return L.Lambda(lambda x: x + 1, name="code")


POSITIONS = {
    "in a stack": lambda: [lambda_layer()],
    "in a wrapper": lambda: [L.Reshape((2, 2)), L.TimeDistributed(lambda_layer()), L.Flatten()],
    "in a nested model": lambda: [tf_keras.Sequential([L.Input((4,)), lambda_layer()])],
}


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("position", POSITIONS)
def test_code_is_refused_by_layer(position, suffix, tmp_path):
    removed = [L.Reshape((2, 2, 1)), L.RandomWidth(0.1, name="wide"), L.Flatten(name="flat")]
    model = tf_keras.Sequential([L.Input((4,)), *POSITIONS[position](), *removed])
    path = save(model, tmp_path / f"model{suffix}")
    with pytest.raises(AppError) as caught:
        load_keras2_model(path)
    message = str(caught.value)
    assert "'code' (Lambda)" in message
    assert "'wide' (RandomWidth)" in message
    assert "replace these layers" in message


def changed(config, tmp_path):
    """A model whose dense layer is described otherwise."""
    path = save(small(), tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        whole = json.loads(file.attrs["model_config"])
        whole["config"]["layers"][1] = config
        file.attrs["model_config"] = json.dumps(whole)
    return path


FUNCTION = {"module": "os", "class_name": "function", "config": "system", "registered_name": None}


@pytest.mark.parametrize(
    "config",
    [
        {"module": "os", "class_name": "system", "config": {"name": "x"}, "registered_name": None},
        {"class_name": "TFSMLayer", "config": {"name": "x", "filepath": "y"}},
        {"class_name": "Mine>Dense", "config": {"name": "x", "units": 2}},
        {"class_name": "Dense", "registered_name": "Mine>Dense", "config": {"name": "x"}},
        {"class_name": "Dense", "config": {"name": "x", "units": 2, "activation": FUNCTION}},
        {"class_name": "Dense", "config": {"name": "x", "units": 2, "activation": "get"}},
        {"class_name": "TFOpLambda", "config": {"name": "x", "function": "io.read_file"}},
        {"class_name": "Dense", "config": {"name": "x", "units": 2, "unheard_of": 1}},
        {"class_name": "LSTM", "config": {"name": "x", "units": 2, "time_major": True}},
        {"class_name": "UpSampling2D", "config": {"name": "x", "interpolation": "gaussian"}},
        {"class_name": "BatchNormalization", "config": {"name": "x", "axis": [1, 2]}},
    ],
)  # fmt: skip
def test_layer_that_keras_3_cannot_have_is_named(config, tmp_path):
    with pytest.raises(AppError, match=r"'x' \(") as caught:
        load_keras2_model(changed(config, tmp_path))
    assert str(caught.value.received).startswith(f"'{tmp_path / 'model.h5'}' cannot be loaded")


def test_unknown_initializer_and_regularizer_are_left_out(tmp_path):
    config = {
        "name": "dense", "units": 2, "kernel_initializer": {"class_name": "Mine", "config": {}},
        "kernel_regularizer": {"class_name": "Mine", "config": {}},
    }  # fmt: skip
    with pytest.warns(UserWarning, match="kernel_regularizer 'Mine'"):
        load_keras2_model(changed({"class_name": "Dense", "config": config}, tmp_path))


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_commands_open_a_keras2_file_and_its_saved_copy(suffix, tmp_path, capsys):
    old = tf_keras.Sequential(
        [L.Input((12, 12, 3)), L.Conv2D(3, 3, activation="hard_sigmoid"), L.ThresholdedReLU(0.2),
         L.Flatten(), L.Dense(3, activation="softmax")]
    )  # fmt: skip
    path = save(old, tmp_path / f"old{suffix}")
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3))
    keras.utils.array_to_img(pixels, scale=False).save(tmp_path / "image.png")
    new = tmp_path / "new.keras"
    load_keras2_model(path).save(new)
    expected = old(pixels[np.newaxis].astype("float32")).numpy()[0]
    for model in (path, new):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            assert main(["predict", str(model), str(tmp_path / "image.png"), "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        probabilities = list(found["probabilities"].values())
        np.testing.assert_allclose(sorted(probabilities), sorted(expected), atol=1e-3)


@pytest.mark.parametrize("library", [keras, tf_keras])
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_load_declared_layers_larger_than_the_file_are_refused(tmp_path, library, suffix):
    network = library.Sequential(
        [library.layers.Input((8, 8, 1)), library.layers.Flatten(), library.layers.Dense(2)]
    )
    path = tmp_path / f"model{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # .h5 is legacy
        network.save(path)

    def enlarge(config):
        for layer in config["config"]["layers"]:
            if layer["class_name"] == "Dense":
                layer["config"]["units"] = 10**9
        return config

    if suffix == ".h5":
        with h5py.File(path, "r+") as file:
            text = json.dumps(enlarge(json.loads(file.attrs["model_config"])))
            del file.attrs["model_config"]
            file.attrs["model_config"] = text
    else:
        with zipfile.ZipFile(path) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        entries["config.json"] = json.dumps(enlarge(json.loads(entries["config.json"]))).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AppError, match="declare 260,000 MB"):
        load_keras2_model(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB
    assert keras.layers.Dense(3)(np.ones((1, 2))).shape == (1, 3)  # nothing is left waiting


@pytest.mark.parametrize("offset", [512, 1024, 2048])
def test_keras_file_whose_weights_begin_where_hdf5_may_begin(offset, tmp_path):
    """The HDF5 library finds its signature at byte 512, 1024, … of any file."""
    path = tmp_path / "model.keras"
    model = tf_keras.Sequential([tf_keras.layers.Dense(2, input_shape=(3,))])
    save(model, path)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    weights = members.pop("model.weights.h5")
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("model.weights.h5")
        # An extra field of this size, after 30 bytes and the name, fills up to the offset.
        size = offset - 30 - len(entry.filename)
        entry.extra = b"xx" + (size - 4).to_bytes(2, "little") + bytes(size - 4)
        archive.writestr(entry, weights)
        for name, content in members.items():
            archive.writestr(name, content)
    assert h5py.is_hdf5(path)
    inputs = np.ones((1, 3), "float32")
    loaded = load_keras2_model(path)
    np.testing.assert_allclose(loaded(inputs), model(inputs), atol=1e-6)
