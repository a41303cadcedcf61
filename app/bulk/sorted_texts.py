"""Sort more texts than fit into memory: sorted runs on disk, which are merged."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO

RUN = 100_000  # texts in memory


def sorted_texts(
    texts: Iterable[str], key: Callable[[str], str], folder: Path | None = None
) -> Iterator[str]:
    """Yield texts in the order of a key; no more than `RUN` of them are in memory.

    Args:
        texts: Texts, such as paths.
        key: Returns what a text is sorted by.
        folder: Folder of temporary files; by default the system's. A few texts need none.
    """
    remaining = iter(texts)
    with ExitStack() as stack:
        runs: list[IO[str]] = []
        while run := sorted(islice(remaining, RUN), key=key):
            if not runs and len(run) < RUN:
                yield from run
                return
            file = stack.enter_context(tempfile.TemporaryFile("w+", encoding="ascii", dir=folder))
            runs.append(file)
            # JSON keeps line breaks, and names of files that are not UTF-8.
            file.writelines(f"{json.dumps(text)}\n" for text in run)
            file.seek(0)
        yield from heapq.merge(*(map(json.loads, file) for file in runs), key=key)
