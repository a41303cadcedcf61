"""Requests to stop, in processes of their own."""

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
HEAD = """
import sys, time
from app.signals import *
print("ready", flush=True)
"""
STATUS = (
    HEAD
    + """
with stopping():
    try:
        print("set", flush=True)
        time.sleep(30)
    except KeyboardInterrupt:
        sys.exit(stop_status())
"""
)
NOTING = (
    HEAD
    + """
with stopping():
    with noting_requests():
        print("set", flush=True)
        end = time.monotonic() + 30
        while not stop_requested() and time.monotonic() < end:
            time.sleep(0.01)
        print("noted" if stop_requested() else "not noted", flush=True)
        if "again" in sys.argv:
            time.sleep(30)
    sys.exit(stop_status())
"""
)
AT_ONCE = (
    HEAD
    + """
with stopping(), ending_at_once():
    try:
        print("set", flush=True)
        time.sleep(30)
    finally:
        print("unwound", flush=True)
"""
)


@pytest.fixture
def start():
    with ExitStack() as processes:

        def call(script, *arguments, **options):
            process = subprocess.Popen(
                [sys.executable, "-c", script, *arguments],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **options,
            )  # fmt: skip
            processes.enter_context(process)
            processes.callback(process.kill)
            wait_for(process, "set")
            return process

        yield call


def wait_for(process, word):
    for line in process.stdout:
        if line.strip() == word:
            return
    raise AssertionError(process.communicate())


@pytest.mark.parametrize("number", STOPS)
def test_stopping_raises_and_the_status_is_128_and_the_number(start, number):
    process = start(STATUS)
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert process.communicate()[1] == ""


@pytest.mark.parametrize("number", STOPS)
def test_noting_requests_does_not_raise(start, number):
    process = start(NOTING)
    process.send_signal(number)
    wait_for(process, "noted")
    assert process.wait(30) == 128 + number


@pytest.mark.parametrize("number", STOPS)
def test_a_second_request_ends_the_process(start, number):
    process = start(NOTING, "again")
    process.send_signal(number)
    wait_for(process, "noted")
    time.sleep(0.8)  # one request may come as two signals at once
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM


def test_two_signals_at_once_are_one_request(start):
    process = start(STATUS)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    assert process.communicate()[1] == ""


def test_nothing_to_lose_ends_without_raising(start):
    process = start(AT_ONCE)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert "unwound" not in out
    assert err == ""


def test_an_ignored_signal_stays_ignored(start):
    process = start(STATUS, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM


def test_stopping_restores_the_handlers():
    from app.signals import noting_requests, stop_requested, stopping

    before = [signal.getsignal(number) for number in STOPS]
    with stopping(), noting_requests():
        signal.raise_signal(signal.SIGTERM)
        assert stop_requested()
    assert [signal.getsignal(number) for number in STOPS] == before
    assert not stop_requested()
