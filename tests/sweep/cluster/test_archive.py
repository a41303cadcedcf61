"""Folders of runs as bytes."""

from app.sweep.cluster.archive import pack, unpack


def test_unpack_writes_what_pack_read_and_replaces_folders_of_the_same_name(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "run" / "deep").mkdir(parents=True)
    (source / "run" / "deep" / "weights").write_bytes(bytes(range(256)))
    (source / "run.unfinished").mkdir()
    (source / "run.unfinished" / "state.json").write_text("{}")
    (target / "run").mkdir(parents=True)
    (target / "run" / "stale").write_text("old")
    (target / "other").mkdir()
    unpack(pack([*source.iterdir(), source / "missing"]), target)
    found = {str(path.relative_to(target)) for path in target.rglob("*")}
    assert found == {
        "other", "run", "run/deep", "run/deep/weights", "run.unfinished",
        "run.unfinished/state.json",
    }  # fmt: skip
    assert (target / "run" / "deep" / "weights").read_bytes() == bytes(range(256))


def test_unpack_of_nothing_writes_nothing(tmp_path):
    unpack(pack([]), tmp_path)
    assert not list(tmp_path.iterdir())
