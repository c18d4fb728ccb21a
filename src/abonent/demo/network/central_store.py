"""What the central database remembers: requests, and what goes wrong. A small SQLite file that survives any kill."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

TABLES = """
create table if not exists ports (ref text primary key, direction text not null, number text not null,
  said text not null, state text not null, reason text not null, at text not null, window_from text, window_until text,
  answer_by text);
create table if not exists porting_mischief (id integer primary key check (id = 1), kept text not null);
"""
# `refuse` names the reason with which every number is refused, empty: none is. `accept_s`: how long a check takes.
MISCHIEF: Mapping[str, Any] = {"refuse": "", "accept_s": 5, "slow_ms": 0, "down": False, "repeat": False}
LIMITS = {"accept_s": 3_600, "slow_ms": 60_000}
FLAGS = ("down", "repeat")


class Port(NamedTuple):
    """A request: `direction` is `in` for a number that comes to us. `at` is since when it stands as it does."""

    ref: str
    direction: str
    number: str
    said: str
    state: str
    reason: str
    at: datetime
    window_from: datetime | None
    window_until: datetime | None
    answer_by: datetime | None


class CentralStore:
    """The file. Every change happens under one lock and in one transaction."""

    def __init__(self, file: Path) -> None:
        self._lock = RLock()
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.executescript(TABLES)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All or nothing, one after the other."""
        with self._lock:
            self._base.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._base.execute("rollback")
                raise
            self._base.execute("commit")

    def port(self, ref: str) -> Port | None:
        with self._lock:
            row = self._base.execute("select * from ports where ref = ?", [ref]).fetchone()
        return _port(row) if row else None

    def ports(self, limit: int = 200) -> list[Port]:
        """Return the latest requests, the newest first."""
        with self._lock:
            rows = self._base.execute("select * from ports order by at desc, ref limit ?", [limit]).fetchall()
        return [_port(row) for row in rows]

    def keep(self, port: Port) -> None:
        """Remember a request as it stands now."""
        row = [value.isoformat() if isinstance(value, datetime) else value for value in port]
        self._base.execute("insert or replace into ports values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def mischief(self) -> dict[str, Any]:
        """Return what goes wrong."""
        with self._lock:
            row = self._base.execute("select kept from porting_mischief").fetchone()
        return {**MISCHIEF, **(json.loads(row[0]) if row else {})}

    def set_mischief(self, given: Mapping[str, Any]) -> None:
        """Keep what goes wrong from now on; raise `ValueError` for nonsense."""
        kept = self.mischief()
        for name in MISCHIEF:
            if name not in given:
                continue
            value = given[name]
            if name in FLAGS:
                kept[name] = value if isinstance(value, bool) else str(value).lower() in ("1", "on", "true", "yes")
            elif name in LIMITS:
                if not 0 <= int(value or 0) <= LIMITS[name]:
                    raise ValueError(f"{name}: from 0 to {LIMITS[name]}")
                kept[name] = int(value or 0)
            else:
                kept[name] = str(value)[:40]
        with self.changing():
            self._base.execute("insert or replace into porting_mischief values (1, ?)", [json.dumps(kept)])


def _port(row: tuple[Any, ...]) -> Port:
    ref, direction, number, said, state, reason, at, window_from, window_until, answer_by = row
    return Port(
        ref, direction, number, said, state, reason, datetime.fromisoformat(at), _moment(window_from),
        _moment(window_until), _moment(answer_by),
    )  # fmt: skip


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None
