"""Training on shards."""

import numpy as np
import pytest

from app.config import RunSettings
from app.data.folder import load_folder
from app.data.shards.packing import pack
from app.storage.card import read_card
from app.training.run import train
from tests.conftest import write_shapes

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("cache", "shuffle"), [("memory", "full"), ("stream", "full"), ("stream", "blocks")]
)
def test_shards_train_the_network_of_their_folder(keras, tmp_path, cache, shuffle):
    files = write_shapes(tmp_path / "shapes")
    pack(load_folder(files), tmp_path / "shards", shard_bytes=20_000)
    weights = []
    for dataset in (files, tmp_path / "shards"):
        outcome = train(
            RunSettings(
                dataset=str(dataset), model="dense", image_size=8, epochs=2, batch_size=8,
                augment="lecture", precision="float32", tta=False, workers=2, cache=cache,
                shuffle=shuffle, deterministic=True, name=dataset.name,
                output=str(tmp_path / "models"),
            )
        )  # fmt: skip
        weights.append(keras.models.load_model(outcome.folder / "model.keras").get_weights())
        assert read_card(outcome.folder / "card.json").images["train"] == 24
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)
