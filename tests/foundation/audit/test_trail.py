"""The audit trail: it grows under parallel writers, and every kind of tampering is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from abonent.foundation.audit import Actor, NotForTheTrail, checkpoint, record, verify
from abonent.foundation.audit.checkpoint import BrokenHead, Head
from abonent.foundation.audit.verify import Damage

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
OLGA = Actor("agent", "7", "o.titova")
EMPTY = """
    alter table audit_entry disable trigger all;
    delete from audit_entry;
    alter table audit_entry enable always trigger audit_no_change;
    alter table audit_entry enable always trigger audit_no_truncate
"""


def as_superuser(sql: str) -> None:
    """Do `sql` as somebody who may do anything to the database, and leave the guards as they were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table audit_entry disable trigger all")
        cursor.execute(sql)
        cursor.execute("alter table audit_entry enable always trigger audit_no_change")
        cursor.execute("alter table audit_entry enable always trigger audit_no_truncate")


@pytest.fixture
def trail(request: pytest.FixtureRequest, settings, tmp_path: Path) -> Iterator[None]:
    """An empty trail, and a head of its own."""
    settings.AUDIT_HEAD = tmp_path / "audit-head"
    settings.SECRET_KEY_FALLBACKS = []
    request.getfixturevalue("db" if "db" in request.fixturenames else "transactional_db")
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
    yield
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)


def write(count: int = 5) -> None:
    for index in range(count):
        record(
            actor=OLGA, action=f"act {index}", subject="case 1", on_behalf_of="party 3", origin="10.0.0.0/24",
            details={"line": index, "masked": "+7 900 ···-··-34"}, at=AT + timedelta(minutes=index),
        )  # fmt: skip


def broken(begin: Head | None = None) -> tuple[int, Damage] | None:
    found = verify.verify(begin).broken
    return (found.number, found.damage) if found else None


def test_ops_5_a_whole_trail_is_whole_and_ends_at_its_head(trail: None, db: None) -> None:
    assert verify.verify() == verify.Verdict(0, None, None)
    write()
    verdict = verify.verify()
    assert (verdict.looked_at, verdict.broken, verdict.head) == (5, None, verify.head())
    assert [entry.action for entry in verify.newest(2)] == ["act 4", "act 3"]


def test_a_record_goes_with_the_transaction_that_wrote_it(trail: None, db: None) -> None:
    write(2)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(1)
    assert verify.verify().looked_at == 3
    assert broken() is None


@pytest.mark.parametrize(
    "sql", ["update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"]
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_table_refuses_every_change(trail: None, db: None, sql: str, role: str) -> None:
    write()
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local session_replication_role = {role}; {sql}")
    assert broken() is None


TAMPERINGS = {
    "another action": ("update audit_entry set action = 'looked' where number = 3", 3, Damage.CHANGED),
    "another actor": ("update audit_entry set actor_id = '8' where number = 3", 3, Damage.CHANGED),
    "another colleague's name": ("update audit_entry set actor_name = 'a.gushin' where number = 3", 3, Damage.CHANGED),
    "another customer": ("update audit_entry set on_behalf_of = 'party 4' where number = 3", 3, Damage.CHANGED),
    "another subject": ("update audit_entry set subject = 'case 2' where number = 3", 3, Damage.CHANGED),
    "another place": ("update audit_entry set origin = '' where number = 3", 3, Damage.CHANGED),
    "another time": ("update audit_entry set at = at + interval '1 microsecond' where number = 3", 3, Damage.CHANGED),
    "another detail": ("update audit_entry set details = '{}' where number = 3", 3, Damage.CHANGED),
    "another seal": ("update audit_entry set seal = sha256(seal) where number = 3", 3, Damage.CHANGED),
    "a hidden link": ("update audit_entry set previous = sha256(previous) where number = 3", 3, Damage.CHANGED),
    "one gone": ("delete from audit_entry where number = 3", 3, Damage.MISSING),
    "the first gone": ("delete from audit_entry where number = 1", 1, Damage.MISSING),
    "one gone, the rest moved up": (
        "delete from audit_entry where number = 3; update audit_entry set number = number - 1 where number > 3",
        3,
        Damage.CHANGED,
    ),
    "two swapped": (
        (
            "update audit_entry set number = 99 where number = 2; update audit_entry set number = 2 where number = 3;"
            "update audit_entry set number = 3 where number = 99"
        ),
        2,
        Damage.CHANGED,
    ),
    "one put in": (
        (
            "insert into audit_entry select 6, at, actor_kind, actor_id, actor_name, 'forged', subject, on_behalf_of,"
            " origin, details, seal, sha256(seal) from audit_entry where number = 5"
        ),
        6,
        Damage.CHANGED,
    ),
    "one played again": (
        (
            "insert into audit_entry select 6, at, actor_kind, actor_id, actor_name, action, subject, on_behalf_of,"
            " origin, details, sha256(previous), seal from audit_entry where number = 5"
        ),
        6,
        Damage.CHANGED,
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_ops_5_tampering_is_named_with_the_first_broken_record(trail: None, db: None, name: str) -> None:
    sql, number, damage = TAMPERINGS[name]
    write()
    as_superuser(sql)
    assert broken() == (number, damage)


def test_a_record_sealed_well_but_after_another_one_is_out_of_place(trail: None, db: None) -> None:
    """Whoever has the key, too, and writes one record anew breaks the link to the next."""
    write()
    third = verify.newest(3)[-1]
    forged = type(third)(
        number=3, at=third.at, actor=third.actor, action="forged", subject="case 1", previous=third.previous
    )
    from abonent.foundation.audit.records import seal_of

    seal = seal_of(forged).hex()
    as_superuser(
        f"update audit_entry set action = 'forged', on_behalf_of = '', origin = '', details = '{{}}',"
        f" seal = decode('{seal}', 'hex') where number = 3"
    )
    assert broken() == (4, Damage.MOVED)


def test_a_trail_re_chained_without_the_key_is_told(trail: None, db: None) -> None:
    write()
    as_superuser("update audit_entry set action = 'x', seal = sha256(convert_to(action, 'UTF8') || previous)")
    assert broken() == (1, Damage.CHANGED)


def test_guards_switched_off_are_told(trail: None, db: None) -> None:
    write()
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_entry disable trigger audit_no_change")
    assert broken() == (0, Damage.UNGUARDED)


def test_records_cut_off_at_the_end_are_told_by_the_head_kept_outside(trail: None, transactional_db: None) -> None:
    write()
    kept = verify.head()
    assert checkpoint.kept_head() == kept
    as_superuser("delete from audit_entry where number > 3")
    assert broken() == (4, Damage.CUT_OFF)
    # New records in their place hide nothing.
    write(4)
    assert broken() == (5, Damage.HEAD_CHANGED)
    as_superuser("delete from audit_entry")
    assert broken() == (1, Damage.CUT_OFF)
    assert broken(kept) == (1, Damage.CUT_OFF)


def test_a_head_kept_elsewhere_is_where_looking_begins(trail: None, transactional_db: None) -> None:
    write(3)
    kept = verify.head()
    assert kept
    write(2)
    assert Head.parse(str(kept)) == kept
    assert verify.verify(kept).looked_at == 3
    assert broken(Head(3, bytes(32))) == (3, Damage.HEAD_CHANGED)
    as_superuser("delete from audit_entry where number >= 3")
    assert broken(kept) == (1, Damage.CUT_OFF)


def test_a_head_somebody_wrote_is_no_head(trail: None, transactional_db: None, settings) -> None:
    write(3)
    document = json.loads(settings.AUDIT_HEAD.read_text())
    for forged in (document | {"head": f"1:{'00' * 32}"}, document | {"signature": "0"}, {}, [], "x"):
        settings.AUDIT_HEAD.write_text(json.dumps(forged))
        assert broken() == (0, Damage.HEAD_CHANGED)
    # It is not put right behind anybody's back.
    write(1)
    assert broken() == (0, Damage.HEAD_CHANGED)


@pytest.mark.parametrize("text", ["", "x", "1:", "1:00", f"0:{'00' * 32}", f"-1:{'00' * 32}", "1:zz", "٣"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(BrokenHead):
        Head.parse(text)


def test_after_a_change_of_the_key_old_records_still_verify(trail: None, db: None, settings) -> None:
    write(2)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50
    write(2)
    assert broken() is None
    settings.SECRET_KEY_FALLBACKS = []
    assert broken() == (1, Damage.CHANGED)


@pytest.mark.parametrize("value", ["+79001234567", "anna@example.com", "a\0b", 1.5, b"x", ["x"]])
def test_people_have_no_place_in_it(trail: None, db: None, value) -> None:
    with pytest.raises(NotForTheTrail):
        record(actor=OLGA, action="act", subject="case 1", details={"what": value}, at=AT)
    assert verify.head() is None


def test_parallel_writers_leave_no_gap_and_no_fork(trail: None, transactional_db: None) -> None:
    """Twelve connections at once, each with some transactions that end and some that are undone."""
    start = Barrier(12, timeout=60)

    def one(index: int) -> None:
        try:
            start.wait()
            for turn in range(10):
                with transaction.atomic():
                    record(actor=Actor("agent", str(index)), action=f"act {turn}", subject="case 1", at=AT)
                    if turn % 3 == 2:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(one, range(12)))
    verdict = verify.verify()
    assert (verdict.looked_at, verdict.broken) == (12 * 7, None)
    assert checkpoint.kept_head() == verdict.head
