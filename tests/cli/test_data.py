"""`python -m app data`: info, check and fetch."""

import json
import shutil

import numpy as np
from PIL import Image


def test_data_info_check_and_sheet(run, shapes, tmp_path):
    (shapes / "disc" / "5.png").write_text("no image")
    status, out, err = run("data", "info", shapes, "-o", tmp_path / "sheet.png")
    assert status == 0, err
    assert "Height 40 to 40" in out
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width == 1200
    status, out, _ = run("data", "info", shapes, "--json")
    assert json.loads(out)["class_names"] == ["across", "disc", "down"]
    status, out, _ = run("data", "check", shapes)
    assert status == 0
    assert "disc/5.png" in out
    assert "In short: 1 unreadable file, 1 near duplicate; of the duplicates, " in out
    status, out, _ = run("data", "check", shapes, "--json")
    assert json.loads(out)["unreadable"][0]["kind"] == "not an image"


def test_data_fetch_without_a_network(run, no_data, no_network):
    status, out, err = run("data", "fetch", "mnist")
    assert status == 1
    assert "network" in err or "reach" in err
    assert out == ""


def test_data_check_varied_aspect_ratios_recommends_to_compare(run, shapes):
    _, out, _ = run("data", "check", shapes)
    assert "--grid fit" not in out
    for path in sorted((shapes / "disc").iterdir()):
        with Image.open(path) as image:
            image.resize((40, 70)).save(path)
    status, out, _ = run("data", "check", shapes)
    assert status == 0
    assert "a tenth is below 0.57, a tenth above 1.00" in out
    assert f"sweep -o fit --dataset {shapes} --seeds 0-2 --grid fit=squash,crop,pad" in out
    _, out, _ = run("data", "check", shapes, "--json")
    ratios = json.loads(out)["aspect_ratios"]
    assert ratios == {"low": 0.571, "median": 1.0, "high": 1.0, "varied": True}


def test_data_check_unbalanced_classes_recommends_a_command(run, shapes):
    _, out, _ = run("data", "check", shapes)
    assert "--balance" not in out
    for number in range(4, 12):
        (shapes / "disc" / f"{number}.png").unlink()
    status, out, _ = run("data", "check", shapes)
    assert status == 0
    assert f"python train.py --dataset {shapes} --balance sampling" in out
    assert "Judge the model by its balanced accuracy" in out


def test_data_extract_writes_a_balanced_part_of_a_dataset(run, tmp_path):
    words = ("data", "extract", "digits", "--limit", "20", "--split", "all", "-o")
    status, out, err = run(*words, tmp_path / "new")
    assert status == 0, err
    assert out.startswith("wrote 20 images of digits into")
    assert len(list((tmp_path / "new").glob("7/*.png"))) == 2
    status, _, err = run(*words, tmp_path / "new")
    assert status == 2
    assert "Expected a new folder." in err
    status, _, err = run("data", "extract", "digits", "--limit", "0", "-o", tmp_path / "other")
    assert status == 2
    assert "--limit is 0" in err


def test_data_pack_writes_shards_that_other_commands_read_and_verify_checks_them(run, tmp_path):
    shards = tmp_path / "shards"
    status, out, err = run("data", "pack", "digits", "-o", shards, "--shard-size", "1")
    assert status == 0, err
    assert "wrote digits" in out
    status, out, _ = run("data", "info", shards, "--json")
    assert json.loads(out)["images"]["train"]["7"] > 50
    status, out, _ = run("data", "pack", shards, "--verify")
    assert (status, out.startswith("All 1,797 images")) == (0, True)
    with (shards / "test-000000.tar").open("r+b") as file:
        file.seek(2600)
        file.write(b"!!")
    status, _, err = run("data", "pack", shards, "--verify")
    assert status == 2
    assert "error: 1 of 1,797 images" in err
    for words, expected in (
        ([shards], "neither -o nor --verify"),
        ([shards, "-o", tmp_path / "x", "--verify"], "both"),
        ([shards, "-o", tmp_path / "x", "--shard-size", "0"], "--shard-size is 0"),
        (["digits", "-o", shards], "exists"),
        (["digits", "--verify"], "shards.json"),
    ):
        status, _, err = run("data", "pack", *words)
        assert status == 2
        assert expected in err


def test_data_check_of_a_clean_folder_finds_no_faults(run, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("even", "odd"):
        (tmp_path / name).mkdir()
        for number in range(6):
            noise = rng.integers(0, 256, (40, 40, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / name / f"{number}.png")
    shutil.copy(tmp_path / "odd" / "0.png", tmp_path / "stray.jpg")
    (tmp_path / "odd" / "1.png").rename(tmp_path / "odd" / "photo.txt")
    status, out, err = run("data", "check", tmp_path)
    assert status == 0
    assert out.endswith("In short: no faults were found in 12 images.\n")
    assert "not named as an image   1        odd/photo.txt" in out
    assert "which have no class and are not used: 1, such as stray.jpg." in err


def test_data_check_counts_only_the_faults_that_there_are(run, shapes):
    copy = (shapes / "disc" / "0.png").read_bytes()
    (shapes / "down" / "copy.png").write_bytes(copy)
    _, out, _ = run("data", "check", shapes)
    end = out[out.index("In short: ") :]
    assert end == (
        "In short: 1 exact duplicate, 1 near duplicate; of the duplicates, 1 across\n"
        "splits (data leakage) and 1 across classes (one of the labels is wrong).\n"
    )
