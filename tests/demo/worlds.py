"""Operators for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from abonent.demo.files import deliveries, write
from abonent.demo.people import World

# A Wednesday evening of the past: what is generated, and so what is tested, is the same on any day.
NOW = datetime(2025, 6, 18, 17, tzinfo=UTC)


def world(subscribers: int = 10, days: int = 30, seed: int = 1) -> World:
    return World(subscribers, days, seed, NOW)


def written(some: World, folder: Path) -> list[Path]:
    """Write everything of the world and return the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    return [path for delivery in deliveries(some) for path in write(some, delivery, folder)]


def usage(paths: list[Path]) -> pl.DataFrame:
    """Return the rows of our own CSV files, in order."""
    own = [path for path in paths if path.name.startswith("usage-")]
    rows = pl.concat([pl.read_csv(path, schema_overrides={"record_id": pl.String, "line": pl.String}) for path in own])
    return rows.with_columns(pl.col("started_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z"))
