"""What every line must have been charged, told anew from the tables of facts alone.

Nothing of the product is used: plain SQL for records, lines, tariffs and payments, plain Python for the rest. It is
slow and short, so that it can be believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Rows = Callable[[str], list[tuple[Any, ...]]]
Span = tuple[datetime, datetime | None, int]
Table = Mapping[int, tuple[Any, ...]]
MOSCOW = ZoneInfo("Europe/Moscow")
KINDS = {1: "voice", 2: "sms", 3: "mms", 4: "data", 5: "content"}
HEADINGS = {"voice": "calls", "sms": "messages", "mms": "messages", "data": "internet", "content": "content"}


@dataclass
class Truth:
    """`charges` by (source, record): line, moment, amount, rule, category, billed, included. `fees` by (line, moment).
    `used` by (line, start of period, bucket). `balances` by contract. `spent` by (line, local year, month, heading).
    """

    charges: dict[tuple[int, str], tuple[int, datetime, int, str, str, int, int]] = field(default_factory=dict)
    fees: dict[tuple[int, datetime], int] = field(default_factory=dict)
    used: dict[tuple[int, datetime, str], int] = field(default_factory=lambda: defaultdict(int))
    balances: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[tuple[int, int, int, str], int] = field(default_factory=lambda: defaultdict(int))


def truth(rows: Rows, until: datetime) -> Truth:
    """Return what must be there once everything is charged, fees up to `until` (inclusive) among it."""
    found = Truth()
    lines = {
        row[0]: row[1:] for row in rows("select id, contract_id, period_day, opened_at, closed_at from lines_line")
    }
    versions = {row[0]: row[1:] for row in rows("select id, fee_minor, terms from catalog_tariffversion")}
    tariffs: dict[int, list[Span]] = defaultdict(list)
    for line, version, since, end in rows(
        "select line_id, tariff_version_id, valid_from, valid_until from lines_tariffassignment"
    ):
        tariffs[line].append((since, end, version))
    places = rows("select code, content, prefixes from catalog_destination")
    for contract, _, _, _ in lines.values():
        found.balances[contract] += 0
    for contract, amount in rows(
        "select contract_id, amount_minor from billing_payment join billing_account own on own.id = account_id"
    ):
        found.balances[contract] += amount
    # Who borrowed is given, as who paid is, and what other companies and equipment took.
    for line, moment, amount, heading in rows(
        "select line_id, booked_at, amount_minor, category from billing_charge"
        " where category in ('promised', 'partner', 'equipment')"
    ):
        book(found, line, lines[line][0], moment, amount, heading)
    add_fees(found, rows, lines, tariffs, versions, until)
    for line, source, record, moment, kind, direction, peer, seconds, octets, units, zone in rows(
        "select line_id, source_id, record_id, started_at, kind, direction, peer, duration_s, bytes, units, zone"
        ' from usage_record order by line_id, started_at, source_id, record_id collate "C"'
    ):
        contract, day, _, _ = lines[line]
        version = in_force(tariffs[line], moment)
        if version is None:
            continue
        terms, name, zone = versions[version][1], KINDS[kind], zone or "home"
        price = most_exact(terms["prices"], name, "out" if direction == 1 else "in", place(places, name, peer), zone)
        amount = {"voice": seconds, "data": octets}.get(name, max(units, 1))
        rounded = -(-amount // price["unit_size"]) * price["unit_size"]
        covered = 0
        for allowance in terms["allowances"]:
            if allowance["bucket"] == price["bucket"]:
                key = (line, start_of(day, moment), price["bucket"])
                left = rounded if allowance["amount"] is None else max(0, allowance["amount"] - found.used[key])
                covered = min(rounded, left)
                found.used[key] += rounded
        billed = -(-(rounded - covered) // price["unit_size"])
        if cost := billed * price["price_minor"]:
            heading = "roaming" if zone != "home" else HEADINGS[name]
            found.charges[source, record] = (line, moment, cost, price["code"], heading, billed, covered)
            book(found, line, contract, moment, cost, heading)
    return found


def add_fees(
    found: Truth, rows: Rows, lines: Table, tariffs: Mapping[int, list[Span]], versions: Table, until: datetime
) -> None:
    """Add what falls due; what waits for money depends on when that came, so it is only held against what is due."""
    taken: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for line, moment, amount in rows(
        "select line_id, booked_at, amount_minor from billing_charge where category = 'fee' order by booked_at"
    ):
        taken[line].append((moment, amount))
    prepaid = {contract for (contract,) in rows("select id from customers_contract where payment = 'prepaid'")}
    for line, (contract, day, opened, closed) in lines.items():
        expected = list(fees_of(day, opened, closed, tariffs[line], versions, until))
        may_wait = {version for _, _, version in tariffs[line] if of_fee(versions[version])["shortage"] != "charge"}
        if may_wait and contract in prepaid:
            assert sum(amount for _, amount in taken[line]) <= sum(amount for _, amount in expected)
            expected = taken[line]
        for moment, amount in expected:
            found.fees[line, moment] = amount
            book(found, line, contract, moment, amount, "fee")


def of_fee(version: tuple[Any, ...]) -> Mapping[str, Any]:
    return {"per": "month", "by_days": False, "shortage": "charge"} | version[1].get("fee", {})


def fees_of(
    day: int, opened: datetime, closed: datetime | None, spans: list[Span], versions: Table, until: datetime
) -> Iterator[tuple[datetime, int]]:
    """Yield the fees of a line with their moments; no line of a tariff paid by days changes it here, or is closed."""
    for start, end in due(day, opened, closed, until):
        version = in_force(spans, start)
        if version is None or not (fee := versions[version][0]):
            continue
        moment = start
        while moment < end and moment <= until and (closed is None or moment < closed):
            yield moment, fee
            if of_fee(versions[version])["per"] == "month":
                break
            moment = next_midnight(moment)


def next_midnight(moment: datetime) -> datetime:
    following = (moment.astimezone(MOSCOW) + timedelta(days=1)).date()
    return datetime(following.year, following.month, following.day, tzinfo=MOSCOW)


def book(found: Truth, line: int, contract: int, moment: datetime, amount: int, heading: str) -> None:
    found.balances[contract] -= amount
    local = moment.astimezone(MOSCOW)
    found.spent[line, local.year, local.month, heading] += amount


def start_of(day: int, moment: datetime) -> datetime:
    local = moment.astimezone(MOSCOW)
    year, month = (local.year, local.month) if local.day >= day else previous(local.year, local.month)
    return datetime(year, month, day, tzinfo=MOSCOW)


def previous(year: int, month: int) -> tuple[int, int]:
    return (year, month - 1) if month > 1 else (year - 1, 12)


def due(day: int, opened: datetime, closed: datetime | None, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when periods begin and end: at the opening, then at each local midnight that starts one."""
    moment = opened
    while moment <= until and (closed is None or moment < closed):
        start = start_of(day, moment)
        year, month = (start.year, start.month + 1) if start.month < 12 else (start.year + 1, 1)
        following = datetime(year, month, day, tzinfo=MOSCOW)
        yield moment, following
        moment = following


def in_force(spans: list[Span], moment: datetime) -> int | None:
    return next((version for since, end, version in spans if since <= moment and (end is None or moment < end)), None)


def place(places: list[tuple[Any, ...]], kind: str, peer: str) -> str:
    """Return where the peer is: of a service by its name, of a number by its longest known beginning."""
    best, length = "", 0
    for code, content, beginnings in places:
        for beginning in beginnings:
            whole = kind == "content" or not peer.startswith("+")
            same = peer == beginning if whole else peer.startswith(beginning) and len(beginning) > 1
            if content == (kind == "content") and same and len(beginning) > length:
                best, length = code, len(beginning)
    return best


def most_exact(prices: list[Mapping[str, Any]], kind: str, direction: str, where: str, zone: str) -> Mapping[str, Any]:
    """Return the price that says the most about this usage: destination before zone before direction."""

    def says(price: Mapping[str, Any]) -> tuple[bool, int, bool]:
        return (bool(price["destination"]), ["", "roaming", zone].index(price["zone"]), bool(price["direction"]))

    fitting = [
        price
        for price in prices
        if price["kind"] == kind
        and price["direction"] in ("", direction)
        and price["destination"] in ("", where)
        and (price["zone"] in ("", zone) or (price["zone"] == "roaming" and zone != "home"))
    ]
    return max(fitting, key=says)
