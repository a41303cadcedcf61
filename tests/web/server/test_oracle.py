"""The process with Keras: it may hang, crash or be stopped, and never outlives the server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.web.errors import PublicError
from app.web.oracle import Oracle
from tests.web.server import fake_oracle
from tests.web.server.conftest import until

PIXELS = {"pixels": np.zeros((150, 150, 3), np.uint8)}


def with_oracle(use, **options):
    """Run a coroutine function of an oracle."""

    async def run():
        oracle = Oracle({"model": Path("model")}, main=fake_oracle.main, **options)
        try:
            return await use(oracle)
        finally:
            await oracle.close()

    # In a thread: a browser that other tests share has an event loop in the main one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


def test_oracle_answers_and_ends_with_its_server():
    async def use(oracle):
        assert oracle.process_id is None  # it starts when it is needed
        values, arrays = await oracle.ask_once("outputs", "model", {"images": np.zeros((3, 1, 1))})
        assert (values, arrays["outputs"].shape) == ({}, (3, 1))
        return oracle.process_id

    process = with_oracle(use)
    until(lambda: not psutil.pid_exists(process))


@pytest.mark.slow
def test_oracle_that_hangs_is_ended_and_started_anew():
    async def use(oracle):
        await oracle.ask_once("grad_cam", "model", PIXELS)
        first = oracle.process_id
        asked = [oracle.ask_once("grad_cam", "model", PIXELS, {"layer": "hang"}) for _ in range(2)]
        for found in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(found, PublicError)
            assert found.http_status == 503
        await oracle.ask_once("grad_cam", "model", PIXELS)
        assert oracle.process_id != first
        assert not psutil.pid_exists(first)

    with_oracle(use, patience=15.0)


def test_oracle_that_crashes_is_an_error_and_started_anew():
    async def use(oracle):
        for _ in range(2):
            with pytest.raises(PublicError, match="ended during this request"):
                await oracle.ask_once("grad_cam", "model", PIXELS, {"layer": "crash"})
        await oracle.ask_once("grad_cam", "model", PIXELS)

    with_oracle(use)


def test_oracle_refuses_more_requests_than_its_limit(monkeypatch):
    monkeypatch.setattr("app.web.oracle.MAX_ORACLE_REQUESTS", 2)

    async def use(oracle):
        slow = [oracle.ask("occlusion", "model", PIXELS, {"class": 1}) for _ in range(2)]
        for parts in slow:
            await anext(parts)
        with pytest.raises(PublicError, match="too much to do"):
            await oracle.ask_once("grad_cam", "model", PIXELS)
        for parts in slow:
            await parts.aclose()
        await oracle.ask_once("grad_cam", "model", PIXELS)

    with_oracle(use)


def test_oracle_works_on_short_requests_between_the_parts_of_long_ones():
    async def use(oracle):
        parts = oracle.ask("occlusion", "model", PIXELS, {"class": 1})
        first = (await anext(parts))[0]["filled"]
        await oracle.ask_once("grad_cam", "model", PIXELS)
        assert (await anext(parts))[0]["filled"] > first
        await parts.aclose()

    with_oracle(use)
