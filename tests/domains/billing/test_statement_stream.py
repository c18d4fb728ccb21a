"""The stream of all entries against the order of their positions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing.statement.rules import Entry
from abonent.domains.billing.statement.stream import ENTRIES, Stream, in_time

MINUTES = st.integers(0, 5)


def entry(minute: int, kind: str, key: str) -> Entry:
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minute)
    types = {"voice": "calls", "fee": "fees", "payment": "payments"}
    return Entry(at, types[kind], kind, "", "", 1, "", 0, False, None, None, "", 0, key)


@given(
    st.lists(MINUTES),
    st.lists(st.tuples(MINUTES, st.sampled_from(["fee", "payment"]))),
    st.integers(1, 4),
)
def test_cab_4_merges_everything_in_time_however_it_is_cut(
    records: list[int], others: list[tuple[int, str]], rows: int
) -> None:
    many = [entry(minute, "voice", f"{n:03}") for n, minute in enumerate(sorted(records))]
    few = [entry(minute, kind, f"{n:03}") for n, (minute, kind) in enumerate(others)]
    frames = (pl.DataFrame(many[n : n + rows], ENTRIES, orient="row") for n in range(0, len(many), rows))
    merged = list(Stream(in_time(frames, few)))
    assert merged == sorted([*many, *few], key=lambda e: e.position)
