import numpy as np
import pytest

from app.data.digits import load_digits
from app.data.download.download import NoNetwork
from app.data.registry import load_dataset
from app.errors import AppError
from tests.reporters import RecordingReporter


def test_digits_look_like_mnist():
    splits = load_digits()
    assert [len(splits.split(s)) for s in ("train", "validation", "test")] == [1187, 250, 360]
    images = splits.train.images
    assert images.shape[1:] == (28, 28, 1)
    assert images[:, :4].max() == images[:, :, -4:].max() == 0
    assert images.max() == 255
    assert set(splits.train.labels) == set(range(10))
    names = [n for s in ("train", "validation", "test") for n in splits.split(s).names]
    assert len(set(names)) == 1797


def test_without_a_network_a_stand_in_is_announced(no_data, no_network):
    reporter = RecordingReporter()
    splits = load_dataset("mnist", no_data, reporter=reporter)
    assert splits.stand_in
    assert splits.name == "mnist"
    assert "stand-in for mnist" in splits.source
    assert any(
        line.startswith("STAND-IN") and "data fetch mnist" in line for line in reporter.warnings
    )
    assert splits.fingerprints() == load_digits().fingerprints()


def test_a_stand_in_can_be_refused_or_asked_for(no_data, no_network, tmp_path):
    with pytest.raises(NoNetwork):
        load_dataset("mnist", no_data, stand_in="never")
    assert load_dataset("mnist", tmp_path, stand_in="always").stand_in


def test_a_broken_server_is_no_reason_for_a_stand_in(no_data, monkeypatch):
    from app.data.download.download import DownloadFailed

    def fail(data_dir, reporter):
        raise DownloadFailed("404", status=1)

    monkeypatch.setattr("app.data.download.sources.fetch_mnist", fail)
    with pytest.raises(DownloadFailed):
        load_dataset("mnist", no_data)


def test_real_data_needs_no_network(real_data, no_network):
    splits = load_dataset("catsdogs", real_data)
    assert not splits.stand_in
    assert splits.class_names == ("cat", "dog")


def test_an_unknown_dataset_is_explained(tmp_path):
    with pytest.raises(AppError, match="mnist, catsdogs, digits, drawn"):
        load_dataset("imagenet", tmp_path)


@pytest.mark.parametrize("dataset", ["pest", "pest::labels.csv"])
def test_a_folder_with_a_typing_error_is_suggested(tmp_path, monkeypatch, dataset):
    (tmp_path / "my" / "pets").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "my")
    with pytest.raises(AppError, match=r"Did you mean 'pets'\?"):
        load_dataset(dataset, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AppError, match=r"Did you mean 'my/pets'\?"):
        load_dataset(f"my/{dataset}", tmp_path)
    with pytest.raises(AppError) as caught:
        load_dataset(f"none/{dataset}", tmp_path)
    assert "Did you mean" not in caught.value.fix


def test_limited_keeps_the_other_splits(tmp_path):
    splits = load_dataset("digits", tmp_path)
    few = splits.with_training_limit(50)
    assert np.bincount(few.train.labels).tolist() == [5] * 10
    assert few.test is splits.test
