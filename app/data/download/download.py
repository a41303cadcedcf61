"""Fetching one file from the first mirror that works.

    download(RemoteFile("ten.bin", ("https://a/ten.bin", "https://b/ten.bin"), sha256), target)

What arrives is checked against a checksum before it takes its place, so a reader of `target`
meets the whole, right file or none. A broken connection is resumed where it broke, at once a few
times and again by the next run; Ctrl-C is only one more way to break it.

Two failures must be told apart: without any network (`NoNetwork`) a caller may go on with
something else; whatever else went wrong (`DownloadFailed`) its user wants to know.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from app.data.download.partial import PartialFile, require_free_space
from app.data.download.transfer import MirrorFailed, RemoteFile, Transfer, Unreachable
from app.errors import AppError
from app.files import reporting_disk_errors
from app.reporting import SILENT, Reporter


class NoNetwork(AppError):
    """None of the servers could be reached: no name, no route, no answer to the first packet."""


class DownloadFailed(AppError):
    """A server was reached, yet no mirror gave the whole, right file."""


def download(
    file: RemoteFile,
    target: Path,
    *,
    needed_bytes: int | None = None,
    timeouts: tuple[float, float] = (5.0, 30.0),
    reporter: Reporter = SILENT,
) -> None:
    """Bring `file` to `target`; do nothing if it is already there and whole.

    Args:
        file: File to download and its mirrors.
        target: Path of the file; its folder is created. Other content there is replaced.
        needed_bytes: Free bytes to demand, what is unpacked later included; `None` demands
            the size of the file.
        timeouts: Seconds that a server may take to accept a connection, and seconds that a
            connection may bring nothing.
        reporter: Reporter for messages and progress.

    Raises:
        NoNetwork: If no mirror can be reached; after about the first of `timeouts`.
        DownloadFailed: If mirrors can be reached and none gives the file. Lists what each did.
        AppError: If the disk is too small or full, or the folder cannot be written.
    """
    with reporting_disk_errors(target):
        if file.matches(target):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with PartialFile(target) as part, requests.Session() as session:
            failures = _unreachable(file.urls, timeouts[0])
            reached = part.preferred([url for url in file.urls if url not in failures])
            if reached:
                wanted = (needed_bytes or file.size or 0) - part.size
                require_free_space(target.parent, wanted)
            for url in reached:
                try:
                    with reporter.progress(file.name, in_bytes=True) as update:
                        Transfer(file, part, session, timeouts, update).run(url)
                except MirrorFailed as failure:
                    failures[url] = failure
                else:
                    part.move_into_place()
                    return
            raise _failure(file, target, failures, part.size)


def _unreachable(urls: Sequence[str], seconds: float) -> dict[str, MirrorFailed]:
    """Return the addresses whose server, or the proxy before it, accepts no connection.

    All are tried at once, in threads, because a name server that is silent can be given up
    in no other way: without a network this takes `seconds` however many mirrors there are.
    """
    verdicts: dict[str, str | None] = {}

    def connect(url: str) -> None:
        proxy = select_proxy(url, get_environ_proxies(url))
        entry = url if proxy is None else proxy if "://" in proxy else f"http://{proxy}"
        server = urlsplit(entry)
        try:
            port = server.port or (443 if server.scheme == "https" else 80)
            # A name may stand for several addresses, each tried in turn.
            socket.create_connection((server.hostname or "", port), seconds / 2).close()
            verdicts[url] = None
        except (OSError, ValueError) as error:
            verdicts[url] = getattr(error, "strerror", None) or str(error)

    threads = [Thread(target=connect, args=(url,), daemon=True) for url in urls]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    silent = f"no answer within {seconds:g} s"
    reasons = {url: verdicts.get(url, silent) for url in urls}
    return {url: Unreachable(reason) for url, reason in reasons.items() if reason is not None}


def _failure(
    file: RemoteFile,
    target: Path,
    failures: dict[str, MirrorFailed],
    kept_bytes: int,
) -> AppError:
    did = "".join(f"\n  {url}: {failures[url]}" for url in file.urls)
    kept = f" What has arrived ({kept_bytes:,} bytes) is kept and resumed." if kept_bytes else ""
    by_hand = file.by_hand or f"Or fetch {file.urls[0]} in a browser and save it as '{target}'."
    fix = f"Run the command again later.{kept} {by_hand}"
    if all(isinstance(failure, Unreachable) for failure in failures.values()):
        return NoNetwork(
            f"Cannot download {file.name}: no network reaches its servers.",
            f"Expected a connection to one of these; behind a proxy, set HTTPS_PROXY.{did}",
            fix,
            status=1,
        )
    what = "a gzip file whose content has" if file.gzipped else "a file with"
    return DownloadFailed(
        f"Cannot download {file.name}: no mirror delivered it.{did}",
        f"Expected {what} sha256 {file.sha256}.",
        fix,
        status=1,
    )
