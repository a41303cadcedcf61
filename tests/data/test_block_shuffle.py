"""The order of `--shuffle blocks`: a permutation, window by window, of (seed, epoch) alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.data.balance import Balance
from app.data.batches import Batches
from app.data.block_shuffle import BlockShuffle
from app.data.folder import load_folder
from app.data.pixels import StreamedImages, epoch_order
from app.data.shards.loading import load_shards
from app.data.shards.packed import ShardFiles
from app.data.shards.packing import pack

SHUFFLES = st.builds(BlockShuffle, block=st.integers(1, 9), window=st.integers(1, 5))
COUNTS = st.integers(1, 300)
SEEDS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 50))


@given(SHUFFLES, COUNTS, SEEDS)
def test_order_is_a_permutation(shuffle, count, seeds):
    order = shuffle.order(count, *seeds)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(count))
    assert np.array_equal(order, shuffle.order(count, *seeds))


@given(SHUFFLES, COUNTS, SEEDS)
def test_each_window_has_the_images_of_its_blocks_alone(shuffle, count, seeds):
    order, start, seen = shuffle.order(count, *seeds), 0, set()
    for number in range(shuffle.num_windows(count)):
        window = shuffle.window_order(count, *seeds, number)
        assert np.array_equal(window, order[start : start + len(window)])
        start += len(window)
        blocks = set((window // shuffle.block).tolist())
        assert len(blocks) <= shuffle.window
        assert len(window) <= shuffle.images
        whole = [p for block in blocks for p in range(block * shuffle.block, count)
                 if p // shuffle.block == block]  # fmt: skip
        assert sorted(window) == sorted(whole)
        assert not blocks & seen
        seen |= blocks
    assert start == count


@given(SHUFFLES, SEEDS)
def test_orders_differ_by_epoch_and_seed(shuffle, seeds):
    seed, epoch = seeds
    orders = [
        tuple(shuffle.order(300, *one))
        for one in ((seed, epoch), (seed, epoch + 1), (seed ^ 1, epoch))
    ]
    if shuffle.window > 1 or shuffle.block < 150:
        assert len(set(orders)) == 3
    assert orders[0] != tuple(epoch_order(300, seed, epoch))


def test_one_window_is_a_full_shuffle_of_its_images():
    small = BlockShuffle(block=2, window=1_000)
    order = small.order(1_000, 0, 0)
    assert small.num_windows(1_000) == 1
    # Neighbors are no longer next to each other.
    assert np.mean(np.abs(np.diff(order)) == 1) < 0.02


IMAGES = np.random.default_rng(0).integers(0, 256, (23, 4, 4, 3), np.uint8)


def test_batches_follow_the_order_wherever_they_start():
    shuffle = BlockShuffle(block=3, window=2)
    batches = Batches(IMAGES, np.arange(23), 5, shuffle=shuffle, seed=7)
    batches.enter_epoch(4)
    order = shuffle.order(23, 7, 4)
    assert np.concatenate([labels for _, labels in batches]).tolist() == order.tolist()
    resumed = Batches(IMAGES, np.arange(23), 5, shuffle=shuffle, seed=7)
    resumed.enter_epoch(4)
    images, labels = resumed[3]
    assert labels.tolist() == order[15:20].tolist()
    np.testing.assert_array_equal(images, IMAGES[labels])


def test_blocks_in_shards_are_read_ahead_in_runs(shapes, tmp_path, monkeypatch):
    pack(load_folder(shapes), tmp_path / "shards", shard_bytes=20_000)
    train = load_shards(tmp_path / "shards").train
    asked = []
    monkeypatch.setattr(ShardFiles, "read_ahead", lambda self, *place: asked.append(place))
    shuffle = BlockShuffle(block=4, window=2)
    images = StreamedImages(train.images, (8, 8), 3)
    batches = Batches(images, train.labels, 4, shuffle=shuffle)
    batches[0]
    batches._pool.shutdown()
    rows = train.images.rows
    for position in shuffle.order(len(train), 0, 0)[: 2 * shuffle.images]:
        row = rows[position]
        assert any(
            shard == row["shard"]
            and start <= row["offset"]
            and row["offset"] + row["size"] <= start + size
            for shard, start, size in asked
        )
    assert len(asked) < 2 * shuffle.images  # several images each


def test_automatic_balance_does_not_draw_images_from_anywhere():
    labels = np.array([0] * 9 + [1])
    assert Balance.chosen("auto", labels, 2).method == "sampling"
    assert Balance.chosen("auto", labels, 2, "weights").method == "weights"
    assert Balance.chosen("auto", labels[8:], 2, "weights").method == "none"
