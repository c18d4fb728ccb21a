"""Terms that hold from a day on: published once, never edited, the newest begun hold (CAB-8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.idle import queries as idle_queries
from abonent.domains.billing.idle.rules import DEFAULT
from abonent.domains.orders.blocks import queries as blocks_queries
from tests.factories.blocks import TERMS as BLOCKS

TABLE = idle_queries.TERMS
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


def publish(*days: date) -> None:
    for place, day in enumerate(days):
        TABLE.publish(valid_from=day, terms=replace(DEFAULT, idle_days=100 + place))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("published", "day", "found"),
    [
        ([FIRST], date(2026, 2, 28), None),
        ([FIRST], FIRST, FIRST),
        ([SECOND, FIRST], FIRST, FIRST),
        ([FIRST, SECOND], date(2027, 1, 1), SECOND),
        ([], FIRST, None),
    ],
)
def test_cab_8_the_newest_begun_terms_hold(published: list[date], day: date, found: date | None) -> None:
    publish(*published)
    in_force = TABLE.in_force(day)
    assert (in_force.valid_from if in_force else None) == found
    assert [one.valid_from for one in TABLE.every()] == sorted(published)


@pytest.mark.django_db
def test_cab_8_what_is_published_is_never_edited() -> None:
    first = TABLE.publish(valid_from=FIRST, terms=DEFAULT)
    assert TABLE.publish(valid_from=FIRST, terms=DEFAULT) == first
    with pytest.raises(ValueError, match="from another day on"):
        TABLE.publish(valid_from=FIRST, terms=replace(DEFAULT, idle_days=100))
    assert [(one.id, one.terms) for one in TABLE.every()] == [(first, DEFAULT)]


@pytest.mark.django_db
def test_cab_13_terms_of_one_part_are_not_those_of_another() -> None:
    table, of_wires = blocks_queries.TERMS, replace(BLOCKS, once_minor=1)
    table.publish(valid_from=FIRST, terms=BLOCKS, of="mobile")
    table.publish(valid_from=FIRST, terms=of_wires, of="internet")
    assert [(one.of, one.terms) for one in table.every()] == [("internet", of_wires), ("mobile", BLOCKS)]
    found = table.in_force(FIRST, "internet")
    assert found is not None
    assert (found.of, found.terms) == ("internet", of_wires)
    assert table.in_force(FIRST, "tv") is None


@pytest.mark.django_db(transaction=True)
def test_cab_8_of_many_who_publish_for_one_day_at_once_one_does() -> None:
    def published(place: int) -> bool:
        try:
            publish_one = replace(DEFAULT, idle_days=100 + place)
            TABLE.publish(valid_from=FIRST, terms=publish_one)
        except ValueError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(published, range(8))) == [False] * 7 + [True]
    assert models.IdleRules.objects.count() == 1
