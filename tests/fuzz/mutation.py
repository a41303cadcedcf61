"""Seeded damage of bytes, for campaigns of any file format."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

import numpy as np

_NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
)
_WIDTHS = {"B": 0xFF, "H": 0xFFFF, "I": 0xFFFF_FFFF}

Mutation = Callable[[bytearray, np.random.Generator], None]


def _span(content: bytearray, rng: np.random.Generator, longest: int = 4096) -> slice:
    start = int(rng.integers(0, len(content)))
    return slice(start, start + int(rng.integers(1, 1 + min(longest, len(content) - start))))


def _flip_bits(content: bytearray, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        content[int(rng.integers(0, len(content)))] ^= 1 << int(rng.integers(0, 8))


def _set_bytes(content: bytearray, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        content[int(rng.integers(0, len(content)))] = int(rng.integers(0, 256))


def _set_number(content: bytearray, rng: np.random.Generator) -> None:
    width = str(rng.choice(list(_WIDTHS)))
    value = int(rng.choice(_NUMBERS)) & _WIDTHS[width]
    packed = struct.pack(str(rng.choice(["<", ">"])) + width, value)
    # Headers are at the beginning: half of the numbers are set there.
    end = min(128, len(content)) if rng.random() < 0.5 else len(content)
    start = int(rng.integers(0, end))
    content[start : start + len(packed)] = packed


def _truncate(content: bytearray, rng: np.random.Generator) -> None:
    del content[int(rng.integers(0, len(content))) :]


def _delete(content: bytearray, rng: np.random.Generator) -> None:
    del content[_span(content, rng)]


def _insert(content: bytearray, rng: np.random.Generator) -> None:
    start = int(rng.integers(0, len(content)))
    content[start:start] = rng.bytes(int(rng.integers(1, 65)))


def _repeat(content: bytearray, rng: np.random.Generator) -> None:
    span = _span(content, rng)
    content[span] = content[span] * int(rng.integers(2, 9))


def _zero(content: bytearray, rng: np.random.Generator) -> None:
    span = _span(content, rng, 256)
    content[span] = bytes(len(content[span]))


def _swap(content: bytearray, rng: np.random.Generator) -> None:
    one, other = _span(content, rng), _span(content, rng)
    content[one], content[other] = content[other], content[one]


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _set_bytes, _set_number, _set_number, _truncate, _delete, _insert, _repeat, _zero,
    _swap,
)  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return damaged `content`: one to three mutations, one after the other."""
    damaged = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        if not damaged:
            break
        MUTATIONS[int(rng.integers(0, len(MUTATIONS)))](damaged, rng)
    return bytes(damaged)


def mutants(seeds: Sequence[bytes], count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield `count` damaged inputs; the n-th depends on `seed`, `n` and `seeds` alone."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        yield mutated(seeds[number % len(seeds)], rng)
