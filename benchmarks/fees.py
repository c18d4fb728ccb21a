"""A fee run against the ledger's batch posting of as many sums; and a run that finds nothing to do.

Of the lines a half is charged all the same, the others ask the balance first: the money check is on, under its locks.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import polars as pl

from benchmarks.environment import platform

LINES = 60_000
ROUNDS = 3
# What is asked for: so many lines, or this share of what the ledger alone posts in the same run.
LINES_A_SECOND = 5_000
OF_POSTING = 0.5
OPENED = datetime(2026, 1, 10, 9, tzinfo=UTC)
FEE_MINOR = 30_000
POOR = 20


def measure() -> list[dict[str, object]]:
    """Return the benchmark's lines: each round charges the next period and posts as many sums in the same batches."""
    with platform():
        from abonent.domains.billing import actions
        from abonent.domains.billing.fees import actions as fees
        from abonent.domains.ledger import queries

        _open_lines()
        own = _accounts()
        rounds, idle = [], []
        actions.charge_fees(until=OPENED)
        for month in range(2, 2 + ROUNDS):
            until = datetime(2026, month, 10, 12, tzinfo=UTC)
            start = time.perf_counter()
            charged = actions.charge_fees(until=until)
            middle = time.perf_counter()
            assert charged >= LINES * (POOR - 1) // POOR
            assert actions.charge_fees(until=until + timedelta(minutes=1)) == 0
            idle.append(LINES / (time.perf_counter() - middle))
            rounds.append((LINES / (middle - start), _posted_per_s(own, fees.LINES_AT_ONCE, until)))
        assert queries.disagreements() == []
    speed, ratio = (
        statistics.median(column) for column in zip(*((ours, ours / posted) for ours, posted in rounds), strict=True)
    )
    return [
        {
            "name": f"fee run: {LINES_A_SECOND:,} lines a second, or half of posting alone",
            "ratio": max(speed / LINES_A_SECOND, ratio / OF_POSTING),
            "target": "≥ 1",
            "detail": f"{LINES:,} lines, half of them against their balance: {speed:,.0f} a second; as many transfers "
            f"by `post_frame` alone {speed / ratio:,.0f}; {statistics.median(idle):,.0f} when nothing is due",
        }
    ]


def _open_lines() -> None:
    """Open lines of one contract each, by SQL: charged all the same, waiting, by days, and per day."""
    from django.db import connection

    from abonent.demo import catalogue
    from abonent.domains.billing import actions
    from abonent.domains.catalog import actions as catalog
    from abonent.domains.catalog.rules import FeeTerms

    terms = (
        FeeTerms(), FeeTerms(shortage="wait"), FeeTerms(by_days=True), FeeTerms(by_days=True, shortage="daily"),
    )  # fmt: skip
    catalog.set_geography(catalogue.geography())
    some = catalogue.tariffs()[0]
    versions = [catalog.publish(_priced(some, number, fee)) for number, fee in enumerate(terms)]
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into customers_party (given_name, patronymic, family_name, language, document_hash,
                                            document_tail_hash, code_word_hash)
               values ('Анна', '', 'Орлова', 'ru', '', '', '') returning id"""
        )
        party = cursor.fetchone()[0]
        cursor.execute(
            """insert into customers_contract (number, party_id, payment, opened_on, contact_number, contact_email,
                                               entered_by)
               select 'B-' || n, %s, 'prepaid', %s, '', '', '' from generate_series(1, %s) n""",
            [party, date(2026, 1, 10), LINES],
        )
        cursor.execute(
            """insert into lines_line (contract_id, service, number, is_main, period_day, opened_at, block_reason,
                                       close_reason)
               select id, 'mobile', '+7900' || (5000000 + id), false, 10, %s, '', '' from customers_contract""",
            [OPENED],
        )
        cursor.execute(
            """insert into lines_tariffassignment (line_id, tariff_version_id, valid_from)
               select id, (%s::bigint[])[id %% %s + 1], opened_at from lines_line""",
            [versions, len(versions)],
        )
        cursor.execute("select id from customers_contract order by id")
        contracts = [contract_id for (contract_id,) in cursor.fetchall()]
    for first in range(0, LINES, 10_000):
        some_contracts = contracts[first : first + 10_000]
        actions.open_accounts(contract_ids=some_contracts)
        actions.top_up_many(
            [
                actions.NewPayment(uuid4(), contract_id, 10 * FEE_MINOR, OPENED, "card")
                for contract_id in some_contracts
                if contract_id % POOR
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _priced(version: object, number: int, fee: object) -> object:
    from dataclasses import replace

    return replace(version, tariff_code=f"bench-{number}", fee_minor=FEE_MINOR, terms=replace(version.terms, fee=fee))


def _accounts() -> list[int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select ledger_account_id from billing_account order by id")
        return [account_id for (account_id,) in cursor.fetchall()]


def _posted_per_s(own: list[int], at_once: int, at: datetime) -> float:
    """Return how many transfers a second the ledger alone posts, from each account to one house account."""
    from django.db import transaction

    from abonent.domains.ledger import actions

    house = actions.open_account(book="bench", code="house", house=True)
    frame = pl.DataFrame({"id": [uuid4().hex for _ in own], "debit": own}).with_columns(
        pl.lit(house, pl.Int64).alias("credit"),
        pl.lit(1, pl.Int64).alias("amount_minor"),
        pl.lit(at, pl.Datetime("us", "UTC")).alias("booked_at"),
        pl.lit("charge").alias("kind"),
    )
    start = time.perf_counter()
    for some in frame.iter_slices(at_once):
        with transaction.atomic():
            actions.post_frame(some)
    return len(own) / (time.perf_counter() - start)
