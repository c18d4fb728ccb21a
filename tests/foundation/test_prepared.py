"""Prepared statements: planned once per connection, part of whatever transaction there is."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from abonent.foundation import prepared

pytestmark = pytest.mark.django_db

ADD = "select %s::int + %s::int"


def planned() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements")
        return int(cursor.fetchone()[0])


def test_it_plans_a_statement_once_and_leaves_all_others_as_they_are() -> None:
    before = planned()
    assert [prepared.only(ADD, [number, 1]) for number in (1, 2, 3)] == [(2,), (3,), (4,)]
    assert planned() == before + 1


def test_it_gives_none_where_there_is_no_row() -> None:
    nothing = "select 1 where %s::int = 0"
    assert prepared.row(nothing, [1]) is None
    with pytest.raises(LookupError):
        prepared.only(nothing, [1])


@pytest.mark.django_db(transaction=True)
def test_it_is_part_of_the_transaction_and_goes_on_after_one_that_was_taken_back() -> None:
    add = "insert into identity_sendflow (key, window_start, sends, entered) values (%s, now(), %s, 0)"
    for _ in range(2):
        with transaction.atomic():
            assert prepared.count(add, ["a flow", 1]) == 1
            transaction.set_rollback(True)
    assert prepared.count("delete from identity_sendflow where key = %s", ["a flow"]) == 0


def test_it_raises_what_django_raises() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        prepared.row("select 1 / %s::int", [0])
    assert prepared.row(ADD, [1, 1]) == (2,)
