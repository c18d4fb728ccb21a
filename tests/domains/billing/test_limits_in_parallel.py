"""CAB-19: rating, looking, telling and changing a limit at once, on a real PostgreSQL with real commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits import messages as limits_messages
from abonent.domains.billing.limits.rules import OnReached
from abonent.domains.billing.transfers import actions as transfers
from abonent.foundation.clock import now
from tests.factories import billing, lines
from tests.factories import limits as make
from tests.factories import transfers as send

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 6
NOON = datetime(2026, 3, 20, 9, tzinfo=UTC)


def together(work: Callable[[int], object]) -> list[object]:
    start = Barrier(CLIENTS, timeout=60)

    def client(number: int) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def test_cab_19_parallel_rating_tells_once_and_blocks_once() -> None:
    line = make.limited(lines.line(), 50_00, block=True, at=NOON)
    billing.use(billing.Use(line.number, billing.march(20, 1), duration_s=600))

    def work(number: int) -> None:
        for turn in range(2):
            billing.use(
                billing.Use(line.number, billing.march(20, 2 + turn, number), duration_s=600), source=f"s{number}"
            )
            make.work([line.id], NOON)

    together(work)
    state = make.stands(line, NOON)
    assert state.spent_minor >= 50_00
    assert len(make.told(line.number)) == len(set(make.told(line.number)))
    assert make.told(line.number)[-1] == ("100", "5000")
    assert make.blocked(line)


def test_cab_19_many_workers_tell_what_waits_once() -> None:
    line = make.limited(lines.line(), 50_00, at=NOON)
    limits.note_charges([line.id])
    make.statement.fee(line, NOON, 60_00)
    limits.look(line_ids=[line.id], at=NOON, at_once=True)
    together(lambda _: limits_messages.tell(at=NOON))
    assert make.told(line.number) == [("100", "5000")]


def test_cab_19_two_tabs_set_one_limit() -> None:
    line = lines.line()

    def work(number: int) -> str:
        try:
            limits.set_limit(
                line_id=line.id, version=0, amount_minor=100_00 + number, on_reached=OnReached.TELL, at=NOON
            )
        except limits.Changed:
            return "changed"
        return "set"

    assert sorted(map(str, together(work))) == ["changed"] * (CLIENTS - 1) + ["set"]
    assert models.SpendingLimit.objects.get(line_id=line.id).version == 1


def test_cab_19_transfers_at_once_never_go_beyond_the_limit_together() -> None:
    anna, maria = make.limited(send.rich(500_000), 1_000_00, block=True), send.maria()
    wishes = [send.asked(anna, maria.number, 400_00 + number) for number in range(CLIENTS)]
    shown = [send.code_for(wish, anna) for wish in wishes]
    account_id = send.account_of(anna)
    together(
        lambda number: transfers.confirm(
            transfer_id=wishes[number].id, account_id=account_id, shown=shown[number], at=now()
        )
    )
    assert make.stands(anna).spent_minor <= 1_000_00
    assert models.Transfer.objects.filter(state="done").count() == 2
    assert set(models.Transfer.objects.exclude(state="done").values_list("reason", flat=True)) == {"limit"}
