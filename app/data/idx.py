"""IDX files: a header with a shape, then unsigned bytes; compressed by gzip or not.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, 1998.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from app.errors import AppError
from app.reading import UnusableFile, read_at_most, require_regular_file

_UNSIGNED_BYTES = 8
# All of MNIST's training images are 47 MB.
MAX_BYTES = 2**28


def read_idx(path: Path, fix: str) -> np.ndarray:
    """Return the array of an IDX file.

    No more is decompressed than the header declares, and one byte.

    Args:
        path: File; compressed if its name ends in `.gz`.
        fix: Instructions for a damaged file, for the error.

    Returns:
        uint8 of the shape in the header.

    Raises:
        AppError: If the file is missing, special, damaged or too large.
    """
    try:
        require_regular_file(path, MAX_BYTES)
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            zeros, kind, rank = struct.unpack(">HBB", file.read(4))
            if zeros != 0 or kind != _UNSIGNED_BYTES or not 1 <= rank <= 4:
                raise ValueError("its first four bytes are not those of unsigned bytes in IDX")
            shape = struct.unpack(f">{rank}I", file.read(4 * rank))
            count = math.prod(shape)
            if count > MAX_BYTES:
                raise ValueError(
                    f"its header declares shape {shape}, more than {MAX_BYTES:,} bytes"
                )
            declared = f"its header declares shape {shape}"
            try:
                content = read_at_most(file, count)
            except UnusableFile as error:
                raise ValueError(f"{declared}, but it holds {error}") from None
        if len(content) < count:
            raise ValueError(f"{declared}, but it holds only {len(content):,} bytes")
        return np.frombuffer(content, np.uint8).reshape(shape)
    except (
        OSError, EOFError, ValueError, MemoryError, UnusableFile, struct.error, zlib.error,
    ) as error:  # fmt: skip
        raise AppError(
            f"'{path}' cannot be read as an IDX file: {error}.",
            "Expected unsigned bytes with an IDX header, compressed by gzip if the name ends in "
            ".gz.",
            fix,
        ) from None
