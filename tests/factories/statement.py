"""Rows that a statement is made of, put straight into the tables: what import and rating would leave there."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection

from abonent.domains.billing.actions import open_accounts
from abonent.domains.lines import queries as lines
from tests.factories import catalog
from tests.factories import lines as make

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
VOICE, SMS, MMS, DATA, CONTENT = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Used:
    """A record and what it cost; `amount_minor` None: nothing was charged or weighed."""

    at: datetime
    kind: int = VOICE
    direction: int = 1
    peer: str = "+79001234567"
    duration_s: int = 65
    bytes: int = 0
    units: int = 0
    zone: str = "home"
    amount_minor: int | None = None
    included: int = 0
    rule: str = ""
    source_id: int = 1
    record_id: str = field(default_factory=lambda: uuid4().hex)
    charge_id: UUID = field(default_factory=uuid4)


def line(number: str = "+79000000001", *, contract_of: lines.Line | None = None, service: str = "mobile") -> lines.Line:
    """Open a line with an account, of a new person or on the contract of another line."""
    opened = make.line(
        number=number,
        contract_id=contract_of.contract_id if contract_of else None,
        tariff_version_id=catalog.of_the_demo("svobodny" if service == "mobile" else "dom-100"),
        period_day=5,
        opened_at=datetime(2024, 1, 5, tzinfo=UTC),
        service=service,
        is_main=contract_of is None,
    )
    open_accounts(contract_ids=[opened.contract_id])
    return opened


def use(of: lines.Line, used: Iterable[Used]) -> list[Used]:
    """Store records with their charges."""
    rows = list(used)
    with connection.cursor() as cursor:
        for month in {row.at.astimezone(UTC).strftime("%Y-%m-15T00:00Z") for row in rows}:
            cursor.execute("select usage_make_month(%s)", [month])
        with cursor.copy(
            """copy usage_record (line_id, started_at, bytes, duration_s, units, source_id, kind, direction, record_id,
                                  peer, zone) from stdin"""
        ) as copy:
            for r in rows:
                place = (of.id, r.at, r.bytes, r.duration_s, r.units, r.source_id, r.kind, r.direction)
                copy.write_row((*place, r.record_id, r.peer, r.zone))
    _charges(of, [_charge_of_record(row) for row in rows if row.amount_minor is not None])
    return rows


def fee(of: lines.Line, at: datetime, amount_minor: int = 65000) -> UUID:
    id_ = uuid4()
    _charges(of, [(id_, at, amount_minor, amount_minor, 1, 0, 1, 1, None, None, "fee", "fee", "")])
    return id_


def pay(of: lines.Line, at: datetime, amount_minor: int = 50000, method: str = "card", detail: str = "•• 4417") -> UUID:
    id_ = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_payment (id, account_id, booked_at, amount_minor, method, detail)
               values (%s, (select id from billing_account where contract_id = %s), %s, %s, %s, %s)""",
            [id_, of.contract_id, at, amount_minor, method, detail],
        )
    return id_


def life(of: lines.Line, records: int, *, seed: int = 1, days: int = 85, until: datetime = NOW) -> list[Used]:
    """Store `records` of all kinds over the `days` before `until`, monthly fees and weekly payments."""
    dice = random.Random(seed)
    zones = ["home"] * 9 + ["kz"]
    peers = [f"+79{dice.randrange(10**9):09}" for _ in range(40)] + ["900", "*100#"]
    rows = []
    for number in range(records):
        at = until - timedelta(days=days) * dice.random()
        kind = dice.choice((VOICE, VOICE, SMS, DATA, DATA, CONTENT))
        key = f"{of.id}-{number}"
        row = Used(at, kind, dice.choice((1, 2)), dice.choice(peers), 0, 0, 0, dice.choice(zones), record_id=key)
        if kind == VOICE:
            row = replace(row, duration_s=dice.randrange(3000))
        elif kind == DATA:
            row = replace(row, bytes=dice.randrange(10**9), peer="", direction=1, duration_s=dice.randrange(3000))
        else:
            row = replace(row, units=1, duration_s=0, peer=row.peer if kind == SMS else "Гороскоп на день")
        cost = dice.randrange(5)
        rows.append(replace(row, amount_minor=0, included=60) if cost < 3 else replace(row, amount_minor=100 * cost))
    for month in (9, 10, 11):
        fee(of, datetime(2026, month, 4, 21, tzinfo=UTC))
    for week in range(1, days // 7):
        pay(of, until - timedelta(days=7 * week))
    return use(of, rows)


def _charge_of_record(r: Used) -> Sequence[object]:
    quantity = r.duration_s if r.kind == VOICE else r.bytes if r.kind == DATA else max(r.units, 1)
    amount = r.amount_minor or 0
    kind = {VOICE: "calls", SMS: "messages", MMS: "messages", DATA: "internet", CONTENT: "content"}[r.kind]
    category = kind if r.zone in ("", "home") else "roaming"
    billed, price = (1, amount) if amount else (0, 250)
    rule = r.rule or ("voice-on-net" if r.kind == VOICE else "sms")
    record = (r.source_id, r.record_id, category, rule, r.peer)
    return (r.charge_id, r.at, amount, price, quantity, r.included, billed, 60, *record)


def _charges(of: lines.Line, rows: Iterable[Sequence[object]]) -> None:
    account_id = open_accounts(contract_ids=[of.contract_id])[of.contract_id]
    sql = """copy billing_charge (id, account_id, line_id, booked_at, amount_minor, price_minor, quantity, included,
                 billed_units, unit_size, tariff_version_id, revision, source_id, record_id, category, rule, peer)
             from stdin"""
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for id_, at, *amounts, source, record, category, rule, peer in rows:
            named = (of.tariff_version_id, 0, source, record, category, rule, peer)
            copy.write_row((id_, account_id, of.id, at, *amounts, *named))


def analyze() -> None:
    """Let the planner know what is there, as the server itself does after a while."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
