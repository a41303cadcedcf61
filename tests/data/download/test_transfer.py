"""What one mirror can do wrong, done by a real local server."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.data.download.download import DownloadFailed, download
from app.data.download.partial import PartialFile
from app.data.download.transfer import RemoteFile

CONTENT = random.Random(0).randbytes(300_000)
NAME = "ten.bin"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / NAME


@pytest.fixture
def mirror(mirror):
    mirror.files[NAME] = CONTENT
    return mirror


def fetch(mirror, target, content=CONTENT, size=None, stall_seconds=5):
    sha256 = hashlib.sha256(content).hexdigest()
    file = RemoteFile(NAME, (mirror.url + NAME,), sha256, size)
    download(file, target, timeouts=(1, stall_seconds))


def leave_part(mirror, target, size=100_000):
    """Leave what an interrupted download leaves."""
    target.parent.mkdir()
    with PartialFile(target) as part:
        part.begin(mirror.url + NAME, {"ETag": mirror.etag} if mirror.etag else {})
        part.write(CONTENT[:size])


def assert_whole(target, content=CONTENT):
    assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == [NAME]


class TestResuming:
    def test_a_cut_connection_goes_on_by_range(self, mirror, target):
        mirror.next(cut_after=100_000)
        mirror.next(cut_after=50_000)
        fetch(mirror, target)
        assert mirror.ranges == [None, "bytes=100000-", "bytes=150000-"]
        assert mirror.requests[1]["if-range"] == '"v1"'
        assert_whole(target)

    @example([1, 0, 0, 0], True)
    @given(st.lists(st.integers(0, 3000), max_size=4), st.booleans())
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_cut_at_any_byte_changes_nothing(self, mirror, target, cuts, announced):
        content = CONTENT[:3000]
        mirror.files[NAME] = content
        mirror.behave()
        for cut in cuts:
            mirror.next(cut_after=cut, announce=announced)
        target.unlink(missing_ok=True)
        try:
            fetch(mirror, target, content, len(content))
        except DownloadFailed:
            assert cuts[1:] == [0, 0, 0]  # as often in a row as a mirror is forgiven
            fetch(mirror, target, content, len(content))
        assert_whole(target, content)

    def test_a_later_run_goes_on_where_one_gave_up(self, mirror, target):
        mirror.next(cut_after=100_000)
        for _ in range(3):
            mirror.next(status=503)
        with pytest.raises(DownloadFailed, match=r"What has arrived \(100,000 bytes\) is kept"):
            fetch(mirror, target)
        mirror.requests.clear()
        fetch(mirror, target)
        assert mirror.ranges == ["bytes=100000-"]
        assert_whole(target)

    def test_a_server_may_ignore_ranges(self, mirror, target):
        mirror.next(cut_after=100_000)
        mirror.forever(ignore_range=True)
        fetch(mirror, target)
        assert_whole(target)

    def test_a_server_that_only_ever_starts_over_is_given_up(self, mirror, target):
        mirror.forever(ignore_range=True, cut_after=200_000)
        with pytest.raises(DownloadFailed, match="broke off after 200,000"):
            fetch(mirror, target)
        assert len(mirror.requests) == 4

    @pytest.mark.parametrize("ignore_if_range", [False, True])
    def test_a_changed_file_starts_over(self, mirror, target, ignore_if_range):
        leave_part(mirror, target)
        changed = CONTENT[::-1]
        mirror.files[NAME], mirror.etag = changed, '"v2"'
        mirror.forever(ignore_if_range=ignore_if_range)
        fetch(mirror, target, content=changed)
        assert mirror.requests[0]["if-range"] == '"v1"'
        assert_whole(target, changed)

    def test_a_change_that_nothing_tells_starts_over(self, mirror, target):
        mirror.etag = None
        leave_part(mirror, target)
        mirror.files[NAME] = CONTENT[::-1]
        fetch(mirror, target, content=CONTENT[::-1])
        assert mirror.ranges == ["bytes=100000-", None]
        assert "if-range" not in mirror.requests[0]
        assert_whole(target, CONTENT[::-1])

    def test_a_weak_etag_gives_way_to_the_date(self, mirror, target):
        mirror.etag = 'W/"v1"'
        date = "Mon, 01 Jan 2024 00:00:00 GMT"
        mirror.next(cut_after=1000, headers={"Last-Modified": date})
        mirror.forever(ignore_if_range=True)
        fetch(mirror, target)
        assert mirror.requests[1]["if-range"] == date
        assert mirror.ranges == [None, "bytes=1000-"]
        assert_whole(target)

    def test_a_part_longer_than_the_file_starts_over(self, mirror, target):
        leave_part(mirror, target)
        mirror.files[NAME] = CONTENT[:50_000]
        fetch(mirror, target, content=CONTENT[:50_000])
        assert mirror.ranges == ["bytes=100000-", None]
        assert_whole(target, CONTENT[:50_000])

    @pytest.mark.parametrize("size", [None, len(CONTENT)])
    def test_a_part_that_is_complete_takes_its_place(self, mirror, target, size):
        leave_part(mirror, target, len(CONTENT))
        fetch(mirror, target, size=size)
        assert mirror.ranges == (["bytes=300000-"] if size is None else [])
        assert_whole(target)

    @pytest.mark.parametrize("span", ["bytes 0-299999/300000", "nonsense", ""])
    def test_the_wrong_range_starts_over(self, mirror, target, span):
        leave_part(mirror, target)
        mirror.next(headers={"Content-Range": span})
        fetch(mirror, target)
        assert mirror.ranges == ["bytes=100000-", None]
        assert_whole(target)

    def test_an_interrupt_leaves_the_part(self, mirror, target, monkeypatch):
        write = PartialFile.write

        def interrupted(part, chunk):
            write(part, chunk)
            raise KeyboardInterrupt

        monkeypatch.setattr(PartialFile, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch(mirror, target)
        assert not target.exists()
        monkeypatch.setattr(PartialFile, "write", write)
        fetch(mirror, target)
        assert mirror.ranges == [None, "bytes=65536-"]
        assert_whole(target)


class TestMisdeeds:
    def assert_fetch_fails(self, mirror, target, message, **options):
        with pytest.raises(DownloadFailed, match=message) as failure:
            fetch(mirror, target, **options)
        assert failure.value.status == 1
        assert mirror.url + NAME in failure.value.received
        assert str(target) in failure.value.fix
        assert not target.exists()

    def test_a_missing_file(self, mirror, target):
        mirror.files.clear()
        self.assert_fetch_fails(mirror, target, "answered 404")
        assert list(target.parent.iterdir()) == []

    def test_a_busy_server_is_asked_again(self, mirror, target):
        mirror.next(status=503)
        fetch(mirror, target)
        assert_whole(target)

    def test_corrupt_content_is_never_resumed(self, mirror, target):
        mirror.forever(content=b"x" * len(CONTENT))
        self.assert_fetch_fails(mirror, target, "sent other content")
        assert mirror.ranges == [None]
        assert list(target.parent.iterdir()) == []

    def test_corrupt_content_in_pieces_ends(self, mirror, target):
        for _ in range(2):
            mirror.next(content=b"x" * len(CONTENT), cut_after=10)
            mirror.next(content=b"x" * len(CONTENT))
        self.assert_fetch_fails(mirror, target, "sent other content")
        assert mirror.ranges == [None, "bytes=10-"] * 2

    def test_a_length_too_long(self, mirror, target):
        mirror.next(length=len(CONTENT) + 10)
        fetch(mirror, target)
        assert mirror.ranges == [None, "bytes=300000-"]
        assert_whole(target)

    def test_a_length_too_short(self, mirror, target):
        mirror.forever(length=len(CONTENT) - 10)
        self.assert_fetch_fails(
            mirror, target, r"sent other content than expected \(299,990 bytes\)"
        )

    @pytest.mark.parametrize("wrong", [-10, 10])
    def test_a_length_other_than_known(self, mirror, target, wrong):
        mirror.forever(length=len(CONTENT) + wrong)
        self.assert_fetch_fails(
            mirror, target, "offers .* bytes instead of 300,000", size=len(CONTENT)
        )

    def test_more_than_is_known(self, mirror, target):
        mirror.forever(content=CONTENT * 2, announce=False)
        self.assert_fetch_fails(
            mirror, target, "sent more than the expected 300,000", size=len(CONTENT)
        )

    def test_a_length_that_is_none(self, mirror, target):
        mirror.forever(headers={"Content-Length": "9" * 5000})
        fetch(mirror, target)
        assert_whole(target)

    def test_a_stall_is_resumed(self, mirror, target):
        mirror.next(stall_after=100_000)
        fetch(mirror, target, stall_seconds=0.25)
        assert_whole(target)

    def test_stalling_forever(self, mirror, target):
        mirror.forever(stall_after=0)
        self.assert_fetch_fails(
            mirror, target, "sent nothing for 0.1 s, after 0 bytes", stall_seconds=0.1
        )
