"""Chance that repeats itself: every throw is a function of a key and a counter, so order and chunking change nothing.

The mixing function is SplitMix64 (Steele, Lea, Flood 2014), once for single throws and once for whole columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import TypeVar

import polars as pl

T = TypeVar("T")
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB


@cache
def key(*words: object) -> int:
    """Return the 64-bit key that `words` stand for, the same in every process."""
    return int.from_bytes(blake2b(repr(words).encode(), digest_size=8).digest(), "little")


def throw(stream: int, counter: int, sides: int) -> int:
    """Return throw number `counter` of the key `stream`: 0 up to, not including, `sides`."""
    value = (stream + counter * GOLDEN) & MASK
    value = ((value ^ (value >> 30)) * FIRST) & MASK
    value = ((value ^ (value >> 27)) * SECOND) & MASK
    return ((value ^ (value >> 31)) >> 11) * sides >> 53


def pick(choices: Sequence[T], stream: int, counter: int) -> T:
    return choices[throw(stream, counter, len(choices))]


class Dice:
    """Throws for the rows of one table: row `n`'s throw for a purpose depends on seed, purpose and `counters[n]`."""

    def __init__(self, counters: pl.Series, *seed: object) -> None:
        self._counters = counters.cast(pl.UInt64) * _word(GOLDEN)
        self._seed = seed

    def share(self, purpose: str) -> pl.Series:
        """Return a Float64 in [0, 1) for each row."""
        # Integers wrap around in Polars, as the function wants it.
        value = self._counters + _word(key(*self._seed, purpose))
        value = (value ^ (value // (1 << 30))) * _word(FIRST)
        value = (value ^ (value // (1 << 27))) * _word(SECOND)
        value = value ^ (value // (1 << 31))
        return (value // (1 << 11)).cast(pl.Float64) / float(1 << 53)

    def upto(self, purpose: str, sides: int) -> pl.Series:
        """Return an Int64 from 0 up to, not including, `sides` for each row."""
        return (self.share(purpose) * sides).cast(pl.Int64)

    def normal(self, purpose: str) -> pl.Series:
        """Return a roughly normal Float64 (mean 0, deviation 1) for each row: the sum of four even throws."""
        total = self.share(f"{purpose}/0") - 2.0
        for turn in range(1, 4):
            total = total + self.share(f"{purpose}/{turn}")
        return total * 1.7320508

    def count(self, purpose: str, mean: pl.Series) -> pl.Series:
        """Return an Int64 >= 0 for each row, scattered like visits around `mean`: many calm days, few busy ones."""
        heat = 0.4 - 0.6 * (1.0 - self.share(f"{purpose}/heat")).log()
        return (mean * heat + self.share(purpose)).floor().cast(pl.Int64)


@cache
def _word(value: int) -> pl.Series:
    return pl.Series([value], dtype=pl.UInt64)
