"""Fee runs, top-ups and answers to them at the same second, and runs that are killed: each period is charged once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from abonent.domains.billing import actions, queries
from abonent.domains.billing.fees import messages as fees_messages
from abonent.domains.billing.fees.actions import charge_waiting
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from tests.architecture.test_house import ROOT
from tests.factories import billing, lines
from tests.factories.fees import (
    BY_DAYS,
    DAILY,
    DAILY_WAITS,
    IN_PARTS,
    WAITS,
    WAITS_BY_DAYS,
    WHOLE_MONTH,
    tariff,
    top_up,
    waiting,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)

UNTIL = datetime(2026, 3, 20, tzinfo=UTC)
EVERY_WAY = (WHOLE_MONTH, WAITS, BY_DAYS, WAITS_BY_DAYS, IN_PARTS, DAILY, DAILY_WAITS)


def days_paid_of(line: Line) -> list[tuple[datetime, datetime, int]]:
    """Return from when to when and how much was paid, given back not counted."""
    return billing.rows(
        """select first_day, end_day, amount_minor from billing_charge
            where line_id = %s and amount_minor > 0 order by first_day""",
        [line.id],
    )


def each_day_was_paid_once(opened: list[Line], paid_in: int) -> None:
    spent = 0
    for line in opened:
        paid = days_paid_of(line)
        assert all(one[1] <= following[0] for one, following in pairwise(paid)), line
        spent += sum(amount for _, _, amount in paid)
    contracts = {line.contract_id for line in opened}
    assert sum(queries.balance(contract_id) for contract_id in contracts) == paid_in - spent
    missing = """select count(*) from billing_charge left join ledger_transfer moved using (id)
                  where moved.amount_minor is distinct from abs(billing_charge.amount_minor)"""
    assert billing.rows(missing) == [(0,)]
    assert ledger.disagreements() == []


def at_once(*work: object) -> None:
    def alone(one: object) -> None:
        try:
            assert callable(one)
            one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        list(pool.map(alone, work))


def test_ops_4_runs_top_ups_and_answers_at_the_same_second_charge_each_fee_once() -> None:
    opened = [lines.line(tariff_version_id=tariff(terms)) for terms in EVERY_WAY * 2]
    contracts = [line.contract_id for line in opened]
    dice = random.Random(3)

    def pays() -> None:
        for contract_id in dice.sample(contracts, len(contracts)):
            top_up(contract_id, 50_000, UNTIL)
            charge_waiting(contract_ids=[contract_id], at=UNTIL)

    def runs() -> None:
        for days in (40, 20, 0):
            actions.charge_fees(until=UNTIL - timedelta(days=days))

    at_once(pays, runs, runs, pays, lambda: charge_waiting(contract_ids=contracts, at=UNTIL))
    actions.charge_fees(until=UNTIL)
    each_day_was_paid_once(opened, 2 * 50_000 * len(opened))
    waits = {line.id for line, terms in zip(opened, EVERY_WAY * 2, strict=True) if terms.shortage != "charge"}
    assert all(queries.balance(line.contract_id) >= 0 for line in opened if line.id in waits)
    # Everybody has enough for the month of today.
    assert [row for row in waiting() if not row[3]] == []


def test_ch_3_two_workers_tell_each_customer_once() -> None:
    opened = [lines.line(tariff_version_id=tariff(WAITS)) for _ in range(6)]
    actions.charge_fees(until=lines.OPENED)
    at_once(*[lambda: fees_messages.tell(at=lines.OPENED + timedelta(hours=1))] * 4)
    assert sorted(Message.objects.values_list("recipient", flat=True)) == sorted(line.number for line in opened)


@pytest.mark.slow
def test_ops_4_runs_killed_at_random_points_charge_what_one_whole_run_does() -> None:
    opened = [lines.line(tariff_version_id=tariff(terms)) for terms in EVERY_WAY * 2]
    for line in opened:
        top_up(line.contract_id, 70_000, lines.OPENED)
    dice = random.Random(5)
    for kills in range(4):
        command = [
            sys.executable,
            "-m",
            "tests.domains.billing.fee_runner",
            connection.settings_dict["NAME"],
            f"{UNTIL}",
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(2 * kills + 1):
                process.stdout.readline()
            time.sleep(dice.random() / 20)
            process.kill()
        assert ledger.disagreements() == []
    actions.charge_fees(until=UNTIL)
    each_day_was_paid_once(opened, 70_000 * len(opened))
    assert actions.charge_fees(until=UNTIL) == 0
    of_way = {terms: len(days_paid_of(line)) for terms, line in zip(EVERY_WAY, opened, strict=False)}
    assert of_way == {
        WHOLE_MONTH: 3, WAITS: 2, BY_DAYS: 3, WAITS_BY_DAYS: 2, IN_PARTS: of_way[IN_PARTS], DAILY: 70, DAILY_WAITS: 2,
    }  # fmt: skip
