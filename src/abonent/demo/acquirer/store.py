"""What the bank remembers: orders, bindings, callbacks to make. One small SQLite file that survives any kill."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from threading import RLock
from typing import Any

TABLES = """
create table if not exists orders (id text primary key, number text unique not null, kept text not null,
  cash_code text, qr text);
create unique index if not exists orders_by_code on orders (cash_code) where cash_code is not null;
create unique index if not exists orders_by_qr on orders (qr) where qr is not null;
create table if not exists bindings (id text primary key, client text not null, kept text not null);
create index if not exists bindings_of on bindings (client);
create table if not exists calls (id integer primary key, said text not null, due real not null,
  tries integer not null);
create index if not exists calls_due on calls (due);
create table if not exists mischief (id integer primary key check (id = 1), kept text not null);
"""

# As the protocol numbers them.
CREATED, APPROVED, DEPOSITED, REVERSED, REFUNDED, AT_3DS, DECLINED = range(7)


@dataclass
class Order:
    """An order of the shop. Sums in minor units, times in seconds since 1970."""

    id: str
    number: str
    amount: int
    currency: str
    return_url: str
    description: str
    language: str
    created: float
    expires: float
    client: str = ""
    binding: str = ""
    # The shop asked its customer already.
    force_save: bool = False
    cash_code: str | None = None
    qr: str | None = None
    two_phase: bool = False
    state: int = CREATED
    action_code: int = 0
    approved: int = 0
    deposited: int = 0
    refunded: int = 0
    # The card it was paid with, or is just being: never its number.
    masked: str = ""
    expiry: str = ""
    saved: str = ""
    attempts: int = 0
    waits_with: dict[str, Any] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    # When the money is really there.
    ready: float = 0.0


@dataclass
class Binding:
    """A card kept for a client of the shop; `fate` is the test card's action code."""

    id: str
    client: str
    masked: str
    expiry: str
    fate: int
    active: bool = True


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
            if self._base.in_transaction:
                yield
                return
            self._base.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._base.execute("rollback")
                raise
            self._base.execute("commit")

    def order(self, **by: str) -> Order | None:
        """Return the order by its `id`, `number`, `cash_code` or `qr`."""
        ((name, value),) = by.items()
        with self._lock:
            row = self._base.execute(f"select kept from orders where {name} = ?", [value]).fetchone()
        return _loaded(Order, row[0]) if row else None

    def orders(self, limit: int = 50) -> list[Order]:
        """Return the latest orders."""
        with self._lock:
            rows = self._base.execute("select kept from orders order by rowid desc limit ?", [limit]).fetchall()
        return [_loaded(Order, row[0]) for row in rows]

    def all_orders(self) -> list[Order]:
        """Return every order, for whoever compares books."""
        return self.orders(limit=-1)

    def keep(self, order: Order) -> None:
        """Store an order, new or changed."""
        self._base.execute(
            """insert into orders (id, number, kept, cash_code, qr) values (?, ?, ?, ?, ?)
               on conflict (id) do update set kept = excluded.kept, cash_code = excluded.cash_code, qr = excluded.qr""",
            [order.id, order.number, json.dumps(asdict(order)), order.cash_code, order.qr],
        )

    def binding(self, binding_id: str) -> Binding | None:
        """Return a kept card."""
        with self._lock:
            row = self._base.execute("select kept from bindings where id = ?", [binding_id]).fetchone()
        return _loaded(Binding, row[0]) if row else None

    def bindings(self, client: str | None = None) -> list[Binding]:
        """Return the cards kept for a client, or for all."""
        with self._lock:
            rows = self._base.execute(
                "select kept from bindings where ? is null or client = ? order by rowid", [client, client]
            ).fetchall()
        return [found for row in rows if (found := _loaded(Binding, row[0])).active]

    def keep_binding(self, binding: Binding) -> None:
        """Store a card, new or changed."""
        self._base.execute(
            """insert into bindings (id, client, kept) values (?, ?, ?)
               on conflict (id) do update set kept = excluded.kept""",
            [binding.id, binding.client, json.dumps(asdict(binding))],
        )

    def call_later(self, said: dict[str, str], due: float) -> None:
        """Note a callback to make."""
        self._base.execute("insert into calls (said, due, tries) values (?, ?, 0)", [json.dumps(said), due])

    def calls_due(self, now: float, limit: int = 50) -> list[tuple[int, dict[str, str], int]]:
        """Return the callbacks that are due: id, fields, tries so far; for half a minute they are the caller's."""
        with self.changing():
            rows = self._base.execute(
                "select id, said, tries from calls where due <= ? order by due limit ?", [now, limit]
            ).fetchall()
            self._base.executemany("update calls set due = ? where id = ?", [(now + 30, row[0]) for row in rows])
        return [(row[0], json.loads(row[1]), row[2]) for row in rows]

    def call_again(self, call_id: int, due: float) -> None:
        """Plan one more try of a callback."""
        with self.changing():
            self._base.execute("update calls set due = ?, tries = tries + 1 where id = ?", [due, call_id])

    def call_done(self, call_id: int) -> None:
        """Forget a callback that was heard."""
        with self.changing():
            self._base.execute("delete from calls where id = ?", [call_id])

    def mischief(self) -> dict[str, Any]:
        """Return what was set on the page of control."""
        with self._lock:
            row = self._base.execute("select kept from mischief").fetchone()
        return dict(json.loads(row[0])) if row else {}

    def set_mischief(self, kept: dict[str, Any]) -> None:
        """Store what was set on the page of control."""
        with self.changing():
            self._base.execute(
                "insert into mischief (id, kept) values (1, ?) on conflict (id) do update set kept = excluded.kept",
                [json.dumps(kept)],
            )


def _loaded(kind: type[Any], text: str) -> Any:
    kept = json.loads(text)
    names = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in kept.items() if name in names})
