"""What the network remembers: features of lines, commands by their id. One small SQLite file that survives any kill."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

TABLES = """
create table if not exists commands (id text primary key, line text not null, said text not null, state text not null,
  reason text not null, ready real not null);
create table if not exists features (line text not null, feature text not null, primary key (line, feature));
create table if not exists esims (wish text primary key, place integer not null, secret text not null,
  state text not null);
create table if not exists mischief (id integer primary key check (id = 1), kept text not null);
"""


class Store:
    """The file. Every change happens under one lock and in one transaction."""

    def __init__(self, file: Path) -> None:
        self._lock = RLock()
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = normal")
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

    def command(self, command_id: str) -> tuple[str, str, str, float] | None:
        """Return what was said under the id, the state, the reason, and when it is ready."""
        with self._lock:
            row = self._base.execute(
                "select said, state, reason, ready from commands where id = ?", [command_id]
            ).fetchone()
        return row if row is None else (row[0], row[1], row[2], row[3])

    def keep(self, command_id: str, line: str, said: str, state: str, reason: str, ready: float) -> None:
        """Remember a command for ever."""
        row = [command_id, line, said, state, reason, ready]
        self._base.execute("insert or replace into commands values (?, ?, ?, ?, ?, ?)", row)

    def switch(self, line: str, said: Mapping[str, Any]) -> None:
        """Switch features on and off."""
        for feature in said["on"]:
            if feature.startswith("number:"):
                # The line goes on under another number, with all that it has.
                self._base.execute(
                    "update or replace features set line = ? where line = ?", [feature.partition(":")[2], line]
                )
                continue
            # A feature with a value (`forward-busy:+79161234567`) takes the place of the same with another.
            name, _, value = feature.partition(":")
            if value:
                self._forget(line, name)
            self._base.execute("insert or ignore into features values (?, ?)", [line, feature])
        for feature in said["off"]:
            self._forget(line, feature)

    def _forget(self, line: str, name: str) -> None:
        self._base.execute(
            "delete from features where line = ? and (feature = ? or substr(feature, 1, ?) = ?)",
            [line, name, len(name) + 1, f"{name}:"],
        )

    def features(self, line: str) -> list[str]:
        """Return what is on."""
        with self._lock:
            rows = self._base.execute("select feature from features where line = ? order by 1", [line]).fetchall()
        return [feature for (feature,) in rows]

    def latest(self, limit: int = 50) -> list[tuple[str, str, str]]:
        """Return the latest commands: line, what was said, state."""
        with self._lock:
            return self._base.execute(
                "select line, said, state from commands order by rowid desc limit ?", [limit]
            ).fetchall()

    def esim(self, wish: str) -> tuple[int, str, str] | None:
        """Return the place, the secret and the state of the profile that is kept for a wish."""
        with self._lock:
            row = self._base.execute("select place, secret, state from esims where wish = ?", [wish]).fetchone()
        return row if row is None else (row[0], row[1], row[2])

    def keep_esim(self, wish: str, secret: str) -> None:
        """Keep a profile for the wish, unless one is kept."""
        with self.changing():
            self._base.execute(
                """insert or ignore into esims
                   select ?, coalesce(max(place), 0) + 1, ?, 'waiting' from esims""",
                [wish, secret],
            )

    def move_esim(self, state: str, *, wish: str = "", secret: str = "") -> bool:
        """Bring a profile that waits into another state; return whether there was one."""
        with self.changing():
            done = self._base.execute(
                "update esims set state = ? where state = 'waiting' and (wish = ? or secret = ?)",
                [state, wish or None, secret or None],
            )
            return done.rowcount > 0

    def mischief(self) -> dict[str, Any]:
        """Return what goes wrong, as it was kept."""
        with self._lock:
            row = self._base.execute("select kept from mischief").fetchone()
        return json.loads(row[0]) if row else {}

    def set_mischief(self, kept: Mapping[str, Any]) -> None:
        """Keep what goes wrong from now on."""
        with self.changing():
            self._base.execute("insert or replace into mischief values (1, ?)", [json.dumps(dict(kept))])
