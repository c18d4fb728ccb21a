"""Numbers that nobody uses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.lines import bars, network
from abonent.domains.lines.bars_rules import Kind
from abonent.domains.lines.models import Line
from abonent.domains.usage import actions, queries
from abonent.foundation.clock import now
from tests.factories import lines
from tests.factories.billing import Use, store

pytestmark = pytest.mark.django_db
HALF_A_YEAR = timedelta(days=183)
DAY = timedelta(days=1)


def blocked() -> set[str]:
    return set(Line.objects.filter(block_reason="unused").values_list("number", flat=True))


def test_id_19_a_number_without_usage_for_183_days_is_blocked() -> None:
    at = now()
    idle, used, old, young, home = (
        lines.line(opened_at=at - timedelta(days=days), number=number, service=service)
        for days, number, service in (
            (400, "+79000000001", "mobile"),
            (400, "+79000000002", "mobile"),
            (400, "+79000000003", "mobile"),
            (182, "+79000000004", "mobile"),
            (400, "net-1", "internet"),
        )
    )
    store([Use(used.number, at - HALF_A_YEAR + DAY), Use(old.number, at - HALF_A_YEAR - DAY)])
    assert actions.block_unused(at=at) == 2
    assert blocked() == {idle.number, old.number}
    assert actions.block_unused(at=at) == 0
    assert {young.number, home.number, used.number}.isdisjoint(blocked())


def test_id_19_a_number_that_the_shop_unblocked_has_another_half_a_year() -> None:
    at = now()
    line = lines.line(opened_at=at - timedelta(days=400))
    actions.block_unused(at=at)
    network.note_used_again(number=line.number, at=at, key="shop")
    assert blocked() == set()
    assert actions.block_unused(at=at + DAY) == 0


def test_cab_13_days_on_which_its_owner_had_it_blocked_are_no_want_of_use() -> None:
    at = now()
    lately, long_ago = (lines.line(opened_at=at - timedelta(days=400)) for _ in range(2))
    for line in (lately, long_ago):
        bars.impose(line_id=line.id, kind=Kind.VOLUNTARY, by="self", at=at - timedelta(days=200))
    assert actions.block_unused(at=at) == 0
    for line, lifted in ((lately, 100), (long_ago, 190)):
        bars.lift(line_id=line.id, kind=Kind.VOLUNTARY, by="self", at=at - timedelta(days=lifted))
    assert actions.block_unused(at=at) == 1
    assert blocked() == {long_ago.number}


def test_perf_one_statement_looks_into_the_index_of_usage_for_each_number() -> None:
    at = now()
    line = lines.line(opened_at=at - timedelta(days=400))
    store([Use(line.number, at - timedelta(days=days)) for days in range(1, 90)])
    with CaptureQueriesContext(connection) as captured:
        assert queries.unused_numbers(at - HALF_A_YEAR) == []
    assert len(captured) == 1
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain {captured[0]['sql']}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    reads = [row for row in plan.splitlines() if "usage_record" in row]
    assert reads
    assert all("Index Only Scan" in row for row in reads), plan
