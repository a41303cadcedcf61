import io
import os
from pathlib import Path

import pytest

from app.reading import UnusableFile, read_at_most, read_regular_file


def test_read_regular_file_returns_the_content_up_to_the_limit(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_regular_file(path, 5) == b"12345"
    with pytest.raises(UnusableFile, match="5 bytes, more than 4"):
        read_regular_file(path, 4)
    (tmp_path / "link").symlink_to(path)
    assert read_regular_file(tmp_path / "link", 5) == b"12345"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_read_regular_file_never_waits_for_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "named pipe"), (Path("/dev/zero"), "device"),
                       (tmp_path, "directory")):  # fmt: skip
        with pytest.raises(UnusableFile, match=kind):
            read_regular_file(path, 10)


def test_read_at_most_stops_one_byte_after_the_limit():
    stream = io.BytesIO(bytes(100))
    with pytest.raises(UnusableFile, match="more than 10 bytes"):
        read_at_most(stream, 10)
    assert stream.tell() == 11
    assert read_at_most(io.BytesIO(bytes(10)), 10) == bytes(10)
