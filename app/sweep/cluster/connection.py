"""The connection to a Dask scheduler, and what its workers must have."""

from __future__ import annotations

import logging
import os
import platform
import re
import warnings
from asyncio import TimeoutError as AsyncTimeoutError
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from app.errors import AppError
from app.sweep.cluster.task import Site, problem_of

if TYPE_CHECKING:
    from distributed import Client

_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")
_SECONDS = 10  # for the scheduler to answer, and for a first worker
_CHECK_SECONDS = 300  # for every worker to read its images
_MOST_LISTED = 5


def connect(address: str) -> Client:
    """Return a client of a scheduler whose workers have the same packages as this process.

    Args:
        address: Address of the scheduler, such as `tcp://192.168.0.5:8786`.

    Raises:
        AppError: If `distributed` is not installed, the address is none, no scheduler answers, it
            has no worker, or packages differ.
    """
    if find_spec("distributed") is None:
        raise AppError(
            "--scheduler was given, but Dask is not installed.",
            "Expected the extra 'cluster'.",
            "Install it: pip install -e '.[cluster]'",
        )
    if not _ADDRESS.fullmatch(address):
        raise AppError(
            f"--scheduler is '{address}'.",
            "Expected the address of a Dask scheduler: tcp://HOST:PORT or tls://HOST:PORT.",
            "`dask scheduler` prints it. Example: --scheduler tcp://192.168.0.5:8786",
        )
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    # What it says about lost connections is said here, in a message of the sweep.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # `_check_packages` refuses
            client = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, AsyncTimeoutError, ValueError) as error:
        raise AppError(
            f"No Dask scheduler answers at {address}: {_first_line(error)}.",
            f"Expected one within {_SECONDS} seconds.",
            "Start one with `dask scheduler`, or check host, port and firewall.",
            status=1,
        ) from None
    try:
        with reporting_loss(address):
            _wait_for_worker(client, address)
            _check_packages(client)
    except AppError:
        client.close(timeout=1)
        raise
    return client


def check_site(client: Client, site: Site) -> None:
    """Refuse workers that lack the images or modules of a sweep, before its first run.

    Raises:
        AppError: With what each of them lacks.
    """
    workers = list(client.nthreads())
    checks = [client.submit(problem_of, site, workers=[worker], pure=False) for worker in workers]
    try:
        problems = [check.result(timeout=_CHECK_SECONDS) for check in checks]
    except AsyncTimeoutError:
        slow = [worker for worker, one in zip(workers, checks, strict=True) if not one.done()]
        raise AppError(
            f"Workers did not check their images within {_CHECK_SECONDS} seconds: "
            f"{', '.join(slow[:_MOST_LISTED])}.",
            "Expected workers that are idle, and fast access to the images.",
            "Wait until they have finished other work, or restart them, and repeat the command.",
            status=1,
        ) from None
    except (ImportError, RuntimeError) as error:
        raise AppError(
            f"The cluster cannot import convlab: {_first_line(error)}.",
            "Expected the same convlab on the scheduler and on every worker.",
            "Install it there: pip install -e '.[cluster]'; then restart scheduler and workers.",
        ) from None
    _refuse(
        {worker: text for worker, text in zip(workers, problems, strict=True) if text},
        "Expected the same images and modules on every worker as here.",
        "Relative paths begin where a worker was started, unless it sees the folder of the sweep. "
        "Copy the data there, or name a folder that all machines share.",
    )


@contextmanager
def reporting_loss(address: str) -> Iterator[None]:
    """Turn a lost connection inside the block into an error that says how to go on.

    Raises:
        AppError: If the scheduler goes away.
    """
    try:
        yield
    except (OSError, AsyncTimeoutError, CancelledError):
        raise connection_lost(address) from None


def connection_lost(address: str) -> AppError:
    """Return the error of a scheduler that went away."""
    return AppError(
        f"The connection to the Dask scheduler at {address} is lost.",
        "Expected it to run until the sweep ends. What has finished is kept.",
        "Start the scheduler and its workers again, and repeat the command.",
        status=1,
    )


def text_of_failure(error: BaseException | None) -> str:
    """Return what a user reads of a run that failed outside of its training."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return (
            f"{error.allowed_failures + 1} workers died while they trained it; perhaps their "
            "memory did not suffice: give them more, or start fewer on a machine."
        )
    return f"On a worker: {type(error).__name__}: {_first_line(error)}."


def _wait_for_worker(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except AsyncTimeoutError:
        raise AppError(
            f"The Dask scheduler at {address} has no workers.",
            f"Expected one within {_SECONDS} seconds.",
            f"Start some: dask worker {address} --nworkers 2",
            status=1,
        ) from None


def _check_packages(client: Client) -> None:
    """Refuse workers with other versions.

    Only functions of the standard library are sent, which any worker can run.
    """
    different: dict[str, list[str]] = defaultdict(list)
    backend = os.getenv("KERAS_BACKEND") or "tensorflow"
    checks: list[tuple[str, Callable[..., Any], tuple[str, ...]]] = [
        ("Python", platform.python_version, ()),
        ("KERAS_BACKEND", os.getenv, ("KERAS_BACKEND", "tensorflow")),
        *((name, version, (name,)) for name in ("keras", backend, "numpy", "distributed")),
    ]
    for name, function, arguments in checks:
        try:
            here = _shown(name, function(*arguments))
        except PackageNotFoundError as missing:
            here = _shown(name, missing)
        for worker, found in client.run(function, *arguments, on_error="return").items():
            there = _shown(name, found)
            if there != here:
                different[worker].append(f"{name} {there}, not {here}")
    _refuse(
        {worker: "; ".join(texts) for worker, texts in different.items()},
        "Expected the same versions on every worker as here.",
        "Install them there, and restart the workers.",
    )


def _shown(name: str, found: Any) -> str:
    """Return a version as it is compared: Python's without the number of its patch."""
    if isinstance(found, Exception):
        return "missing" if isinstance(found, PackageNotFoundError) else _first_line(found)
    return ".".join(found.split(".")[:2]) if name == "Python" else str(found)


def _refuse(problems: dict[str, str], expected: str, fix: str) -> None:
    if problems:
        lines = [f"{worker}: {text}" for worker, text in problems.items()]
        more = len(lines) - _MOST_LISTED
        tail = [f"… and {more} more"] if more > 0 else []
        raise AppError("\n".join(["Workers differ:", *lines[:_MOST_LISTED], *tail]), expected, fix)


def _first_line(error: BaseException | None) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
