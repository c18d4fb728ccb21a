"""A whole small operator, made difficult, against the plain reference: to the kopeck, wherever money is shown."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from django.db import connection

from abonent.demo import load as demo
from abonent.domains.billing import actions, queries, reactions
from abonent.domains.billing.packages.rules import rolled_bucket_id
from abonent.domains.billing.statement import reading as statement
from abonent.domains.billing.statement.rules import Filters
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as line_models
from abonent.domains.lines import queries as lines
from abonent.domains.lines.actions import NewLine, open_lines
from abonent.foundation.values import Period
from tests.demo.worlds import NOW
from tests.domains.billing.reference import Truth, start_of, truth
from tests.factories import usage as make
from tests.factories.lines import change_tariff

MOSCOW = ZoneInfo("Europe/Moscow")
LOADED = NOW - timedelta(days=35)
NEWCOMER = "+79005550001"
CHARGED = """select source_id, record_id, line_id, booked_at, amount_minor, rule, category, billed_units, included
               from billing_charge where record_id is not null and amount_minor > 0"""


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        documents = [place for place, name in enumerate(names) if name in ("terms", "prefixes")]
        return [
            tuple(json.loads(value) if place in documents else value for place, value in enumerate(row))
            for row in cursor.fetchall()
        ]


def difficult(numbers: list[str], dice: random.Random) -> pl.DataFrame:
    """Records of every kind: at midnights and starts of months and periods, at one moment, late, of a stranger."""
    midnights = [NOW.astimezone(MOSCOW).replace(hour=0, minute=0) - timedelta(days=day) for day in range(45)]
    borders = [midnight + timedelta(microseconds=dice.choice([-1, 0, 1])) for midnight in midnights]
    moments = dice.choices([*borders, NOW - timedelta(days=3)], k=1500)
    count = len(moments)
    kinds = dice.choices(["voice", "sms", "mms", "data", "content"], [8, 3, 1, 6, 1], k=count)
    peers = ["+79001112233", "+79161234567", "+77011234567", "+4915112345678", "0890", "Банк", ""]
    return pl.DataFrame(
        {
            "record_id": [f"hard-{number}" for number in range(count)],
            "line": dice.choices([*numbers, NEWCOMER], k=count),
            "started_at": moments,
            "kind": kinds,
            "direction": dice.choices(["out", "in"], [3, 1], k=count),
            "peer": dice.choices(peers, k=count),
            "duration_s": dice.choices([0, 1, 59, 60, 61, 3600], k=count),
            "bytes": dice.choices([0, 1, 2**20, 2**30], k=count),
            "units": dice.choices([0, 1, 3], k=count),
            "zone": dice.choices(["", "home", "cis", "nowhere"], [2, 6, 1, 1], k=count),
        },
        schema_overrides={"started_at": pl.Datetime("us", "UTC")},
    )


def load_and_make_difficult(folder: Path) -> None:
    """Load, change tariffs, close a line, import twice over, cut and mixed, and open the stranger's line at last."""
    dice = random.Random(11)
    demo.load(subscribers=12, days=20, seed=3, now=LOADED, folder=folder / "demo", progress=lambda *_: None)
    numbers = [number for (number,) in rows("select number from lines_line where service = 'mobile' order by id")]
    versions = [version for (version,) in rows("select id from catalog_tariffversion order by id")]
    on_time, within, closed, *_ = [line for number in numbers if (line := lines.served_by_number(number))]
    border = queries.overview(on_time, LOADED).next_fee.at
    change_tariff(on_time, border, versions[-1])
    change_tariff(within, border + timedelta(days=5, hours=7), versions[0])
    line_models.Line.objects.filter(id=closed.id).update(closed_at=NOW - timedelta(days=3))
    records = difficult(numbers, dice)
    for part in (records.sample(fraction=0.6, seed=1), records.sample(fraction=1, shuffle=True, seed=2)):
        actions.import_usage(path=make.write_csv(part, folder / "part.csv.gz"))
    new = NewLine(on_time.contract_id, "mobile", NEWCOMER, versions[0], 17, NOW - timedelta(days=20))
    reactions.rate_parked_usage(open_lines([new]))
    for until in (NOW - timedelta(days=5), NOW, NOW):
        actions.charge_fees(until=until)


@pytest.mark.django_db
def test_ops_4_every_sum_is_what_the_plain_reference_says(tmp_path: Path) -> None:
    load_and_make_difficult(tmp_path)
    told = truth(rows, NOW)
    assert len(told.charges) > 500
    assert {(source, record): tuple(rest) for source, record, *rest in rows(CHARGED)} == told.charges
    assert {
        (line, at): amount
        for line, at, amount in rows(
            "select line_id, booked_at, amount_minor from billing_charge where record_id is null and category = 'fee'"
        )
    } == told.fees
    assert used_of_all_buckets() == told.used
    assert {contract: queries.balance(contract) for contract in told.balances} == told.balances
    assert rows("select * from billing_rerating") == []
    the_ledger_agrees()
    for (number,) in rows("select number from lines_line where closed_at is null"):
        line = lines.served_by_number(number)
        assert line
        pages_agree(line, told)


def used_of_all_buckets() -> dict[tuple[Any, ...], int]:
    """Return what each period used of what is included, be it the tariff's own or what the period before left."""
    used = {
        (line, start, bucket): used
        for line, start, bucket, used in rows("select line_id, period_start, bucket, used from billing_bucket")
    }
    rolled = {rolled_bucket_id(line, bucket, start): bucket for line, start, bucket in used}
    for id_, line, start, taken in rows("select bucket_id, line_id, period_start, used from billing_packagetaken"):
        used[line, start, rolled[id_]] += taken
    return used


def the_ledger_agrees() -> None:
    """Each charge is one transfer not taken back, balances are sums of transfers, and all of them sum to zero."""
    assert ledger.disagreements() == []
    missing = """select count(*) from billing_charge charge left join ledger_transfer moved on moved.id = charge.id
                  where charge.amount_minor > 0 and moved.amount_minor is distinct from charge.amount_minor"""
    assert rows(missing) == [(0,)]
    # What is given back is a charge below zero, and a transfer the other way round.
    moved = """select sum(case when moved.kind = 'reversal' or charge.amount_minor < 0
                          then -moved.amount_minor else moved.amount_minor end)::bigint
                 from ledger_transfer moved left join billing_charge charge on charge.id = moved.id
                where moved.kind not in ('payment', 'promise')"""
    assert rows(moved) == rows("select sum(amount_minor)::bigint from billing_charge")
    accounts = [account for (account,) in rows("select id from ledger_account")]
    assert sum(ledger.balance(account) for account in accounts) == 0


def pages_agree(line: lines.Line, told: Truth) -> None:
    """The home page, the expenses and the statement of the line say the same."""
    today = NOW.astimezone(MOSCOW).date()
    spent: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (line_id, year, month, heading), amount in told.spent.items():
        if line_id == line.id:
            spent[year, month][heading] = amount
    for first in (date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1)):
        last = min(today, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        expenses = queries.expenses(line.id, Period.of_days(first, last, MOSCOW))
        assert {item.category: item.amount_minor for item in expenses.items} == spent[first.year, first.month]
        page = statement.page(line=line, filters=Filters(first, last), zone=MOSCOW)
        assert (
            page.statement.totals.charged_minor == expenses.total_minor == sum(spent[first.year, first.month].values())
        )
        with statement.whole(line=line, filters=Filters(first, last), zone=MOSCOW) as whole:
            assert whole.totals == page.statement.totals
    home = queries.overview(line, NOW)
    assert home.balance_minor == told.balances[line.contract_id]
    for left in home.left_overs:
        if left.amount is not None:
            used = told.used[line.id, start_of(line.period_day, NOW), left.bucket]
            assert left.left == max(0, left.amount - used)
