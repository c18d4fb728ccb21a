"""Times as databases and exchanges write them: `2026-01-31 23:59:59`, local unless an offset follows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from abonent.domains.usage.rules import moments


def local_moments(texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Return aware times in UTC, null where there is none; an hour that comes twice a year is taken as the first."""
    plain = texts.str.strip_chars().str.replace(" ", "T", literal=True)
    with_offset = plain.str.slice(19).str.contains(r"[Zz]$|[+-][0-9]{2}(:?[0-9]{2})?$")
    local = (
        plain.str.replace(r"\.[0-9]+$", "")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
        .dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
    )
    if not with_offset.any():
        return local
    return moments(plain).zip_with(with_offset, local)
