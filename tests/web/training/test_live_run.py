"""A live run with a trainer without Keras: viewers, who steers, late ones, the process's end."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.web.errors import PublicError
from app.web.training.commands import Command
from app.web.training.live_run import LiveRun
from app.web.training.mailbox import Event, Mailbox
from tests.web.training import fake_trainer

pytestmark = pytest.mark.slow
START = {"settings": {"dataset": "mnist"}, "layers": [], "keep_weights": False}


class Watcher:
    """Keeps what it is told, as a page would."""

    def __init__(self, live_run):
        self.live_run = live_run
        self.box = Mailbox()
        self.seen: list[Event] = []
        self.changed = asyncio.Event()
        self.number = 0

    def put(self, event):
        self.seen.append(event)
        self.changed.set()

    async def wait(self, topic, after=0, **values):
        while True:
            for event in self.seen[after:]:
                if event.topic == topic and values.items() <= event.values.items():
                    return event
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 60)

    async def tell(self, kind, **values):
        self.number += 1
        after = len(self.seen)
        await self.live_run.obey(self, Command(self.number, kind, values))
        return (await self.wait(f"answer/{self.number}", after)).values


def with_live_run(use, tmp_path, **options):
    async def run():
        live_run = LiveRun(tmp_path, tmp_path, main=fake_trainer.main, **options)
        try:
            return await use(live_run)
        finally:
            await live_run.close()

    # In a thread: a browser that other tests share has an event loop in the main one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


def joined(live_run):
    watcher = Watcher(live_run)
    live_run.join(watcher)
    return watcher


async def begin(watcher):
    assert (await watcher.tell("start", **START))["ok"]
    await watcher.wait("state", state="paused")


def test_one_steers_and_others_watch(tmp_path):
    async def use(live_run):
        first, second = joined(live_run), joined(live_run)
        await begin(first)
        assert (await first.wait("wheel", yours=True)).values["watching"] == 2
        assert (await second.wait("wheel", yours=False, free=False)).values["watching"] == 2
        with pytest.raises(PublicError, match="Someone else steers"):
            await second.tell("play")
        with pytest.raises(PublicError, match="Someone else steers"):
            await second.tell("wheel", take=True)
        assert (await first.tell("step", batches=20))["ok"]
        await second.wait("snapshots", steps=[10, 20])
        assert (await first.tell("wheel", take=False))["ok"]
        assert (await second.tell("wheel", take=True))["ok"]
        after = len(first.seen)
        assert (await second.tell("step", batches=1))["ok"]
        await first.wait("state", after, state="paused", step=21)
        live_run.leave(second)
        await first.wait("wheel", free=True)

    with_live_run(use, tmp_path)


def test_who_comes_late_sees_the_history(tmp_path):
    async def use(live_run):
        first = joined(live_run)
        await begin(first)
        await first.tell("step", batches=25)
        await first.wait("state", state="paused", step=25)
        late = joined(live_run)
        assert (await late.wait("metrics")).values["step"] == list(range(1, 26))
        assert [row["epoch"] for row in (await late.wait("epochs")).values["rows"]] == [1, 2]
        assert (await late.wait("weights")).arrays["kernel"][0] == 20
        assert [event.topic for event in late.seen[:2]] == ["kinds", "network"]
        assert (await late.wait("state")).values["state"] == "paused"
        await live_run.obey(late, Command("a", "snapshot", {"step": 10}))
        snapshot = await late.wait("snapshot/a", id="a")
        assert snapshot.arrays["kernel"][0] == 10
        with pytest.raises(PublicError, match="no snapshot"):
            await live_run.obey(late, Command("b", "snapshot", {"step": 11}))
        after = len(late.seen)
        await first.tell("rewind")
        await late.wait("network", after, run=2)
        later = joined(live_run)
        await later.wait("state")
        assert "metrics" not in {event.topic for event in later.seen}

    with_live_run(use, tmp_path)


def test_a_killed_trainer_is_reported_and_can_start_again(tmp_path):
    async def use(live_run):
        first, second = joined(live_run), joined(live_run)
        await begin(first)
        process = live_run.process_id
        asked = asyncio.ensure_future(
            first.tell("start", **{**START, "settings": {"dataset": "crash"}})
        )
        assert not (await asked)["ok"]
        for watcher in (first, second):
            failed = await watcher.wait("state", state="failed")
            assert "has ended" in failed.values["error"]
        after = len(first.seen)
        assert (await first.tell("start", **START))["ok"]
        await first.wait("state", after, state="paused")
        assert live_run.process_id != process
        for _ in range(200):
            if not psutil.pid_exists(process):
                return
            await asyncio.sleep(0.05)
        pytest.fail("a zombie is left")

    with_live_run(use, tmp_path)


def test_without_a_viewer_it_pauses_and_later_ends(tmp_path):
    async def use(live_run):
        watcher = joined(live_run)
        await begin(watcher)
        await watcher.tell("play")
        process = psutil.Process(live_run.process_id)
        live_run.leave(watcher)
        for _ in range(400):
            if live_run.process_id is None:
                break
            await asyncio.sleep(0.05)
        assert live_run.process_id is None
        process.wait(10)
        late = joined(live_run)
        paused = [e for e in late.seen if e.topic == "state"]
        assert paused

    with_live_run(use, tmp_path, patience=(0.5, 2.0))


def test_the_trainer_ends_with_its_pipe(tmp_path):
    async def use(live_run):
        watcher = joined(live_run)
        await begin(watcher)
        return live_run.process_id

    process = with_live_run(use, tmp_path)
    assert not psutil.pid_exists(process)


def clean_up_slowly(pipe, models_folder, data_dir):
    """Do as a trainer whose folder takes a while to remove."""
    pipe.send_bytes(Event("state", {"state": "idle"}).message)
    with suppress(EOFError, OSError):
        while True:
            pipe.recv_bytes()
    time.sleep(0.5)
    Path(models_folder, "clean").touch()


@pytest.mark.parametrize("patience", [(60.0, 1800.0), (0.0, 0.0)])  # the server ends; all leave
def test_the_trainer_cleans_up_before_it_ends(tmp_path, patience):
    async def run():
        live_run = LiveRun(tmp_path, tmp_path, main=clean_up_slowly, patience=patience)
        watcher = joined(live_run)
        await watcher.wait("state", state="idle")
        if patience[1] == 0:
            live_run.leave(watcher)
            while not (tmp_path / "clean").exists():
                await asyncio.sleep(0.05)
        await live_run.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(asyncio.wait_for(run(), 60))).result()
    assert (tmp_path / "clean").exists()


_COMMANDS = st.sampled_from([
    ("start", START), ("play", {}), ("pause", {}), ("step", {"batches": 1}),
    ("step", {"batches": 50}), ("rewind", {}), ("cancel", {}), ("set", {"learning_rate": 0.1}),
    ("wheel", {"take": True}), ("wheel", {"take": False}), ("snapshot", {"step": 10}),
])  # fmt: skip
_WHO = st.sampled_from(["first", "second"])


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(_WHO, _COMMANDS), min_size=40, max_size=40))
def test_commands_in_any_order_are_all_answered(tmp_path_factory, commands):
    async def use(live_run):
        watchers = {"first": joined(live_run), "second": joined(live_run)}
        for who, (kind, values) in commands:
            watcher = watchers[who]
            if kind == "snapshot":
                with suppress(PublicError):
                    await live_run.obey(watcher, Command("s", kind, values))
                continue
            with suppress(PublicError):  # the other one steers
                assert "ok" in await watcher.tell(kind, **values)

    with_live_run(use, tmp_path_factory.mktemp("live_run"))
