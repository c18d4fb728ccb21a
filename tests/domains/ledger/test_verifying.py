"""Verifying: a ledger that did everything agrees, and each kind of damage is told by its own line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from abonent.domains.ledger import actions, queries, verifying
from abonent.domains.ledger.verifying import Verdict
from tests.factories import ledger

pytestmark = pytest.mark.django_db

PURSE, OTHER, HOUSE = "purse", "other", "house"
HELD, PARTLY, VOIDED, EXPIRED, PAID = (UUID(int=number) for number in range(1, 6))
PART_POSTED, VOID, TAKEN, TAKEN_TOO = (UUID(int=number) for number in range(11, 15))
LATER = ledger.AT + timedelta(hours=1)


@pytest.fixture
def accounts() -> dict[str, int]:
    """Do with money all that the ledger can, in two currencies and the books of two entities."""
    own = {PURSE: ledger.account(floor_minor=0, balance_minor=1000), OTHER: ledger.account(), HOUSE: ledger.house()}
    ledger.hold(debit=own[PURSE], credit=own[HOUSE], amount_minor=100, transfer_id=HELD, expires_at=LATER)
    for pending in (PARTLY, VOIDED):
        ledger.hold(debit=own[PURSE], credit=own[OTHER], amount_minor=100, transfer_id=pending)
    ledger.hold(
        debit=own[PURSE],
        credit=own[HOUSE],
        amount_minor=100,
        transfer_id=EXPIRED,
        expires_at=LATER - timedelta(minutes=30),
    )
    actions.post_pending(transfer_id=PART_POSTED, pending_id=PARTLY, booked_at=ledger.AT, amount_minor=60)
    actions.void_pending(transfer_id=VOID, pending_id=VOIDED, booked_at=ledger.AT)
    assert actions.expire_due(now=LATER - timedelta(minutes=30)) == 1
    ledger.post(debit=own[PURSE], credit=own[HOUSE], amount_minor=50, transfer_id=PAID)
    actions.reverse(transfer_id=TAKEN, of=PAID, booked_at=ledger.AT, amount_minor=20)
    actions.reverse(transfer_id=TAKEN_TOO, of=PAID, booked_at=ledger.AT, amount_minor=30)
    for number, (entity, currency) in enumerate([("bank", "RUB"), ("main", "CNY")]):
        mint = actions.open_account(book="test", code="mint", entity=entity, currency=currency, house=True)
        own[f"strange {number}"] = actions.open_account(book="test", code="1", entity=entity, currency=currency)
        ledger.post(debit=mint, credit=own[f"strange {number}"], amount_minor=7)
    return own


def look(*, after: timedelta = timedelta()) -> Verdict:
    with connection.cursor() as cursor:
        return verifying.look(cursor, now=ledger.AT + after)


def damage(statement: str, parameters: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_ledger_that_did_everything_agrees(accounts: dict[str, int]) -> None:
    verdict = look()
    assert verdict.findings == ()
    assert (verdict.transfers, verdict.accounts, verdict.pending) == (13, 8, 1)
    assert queries.standing(accounts[PURSE]).available_minor == 1000 - 60 - 100
    assert verdict.to_json()["agrees"] is True


def test_an_empty_ledger_agrees() -> None:
    assert look().findings == ()


@dataclass(frozen=True)
class Damage:
    """What an accident or an intruder did to rows, and what must be told; `%(purse)s` … stand for ids."""

    name: str
    done: str
    told: dict[str, str]


ADD = """insert into ledger_transfer
    (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, of_id) """
UNIQUE = "drop index ledger_resolved_once; "
DAMAGES = [
    Damage(
        "a balance raised by hand",
        "update ledger_account set credits_posted_minor = credits_posted_minor + 5 where id = %(purse)s",
        {
            "sums are zero": "in main/RUB all balances together are 5, not 0",
            "posted credits": "credits are 1055, its tr",
        },
    ),
    Damage(
        "a debit forgotten",
        "update ledger_account set debits_posted_minor = debits_posted_minor - 60 where id = %(purse)s",
        {"sums are zero": "are 60, not 0", "posted debits": "posted debits are 50, its transfers say 110"},
    ),
    Damage(
        "a balance moved to a neighbour: the sum is still zero",
        """update ledger_account set credits_posted_minor = credits_posted_minor
           + case id when %(purse)s then -1 else 1 end where id in (%(purse)s, %(other)s)""",
        {"posted credits": "its transfers say"},
    ),
    Damage(
        "a hold that blocks too much",
        "update ledger_account set debits_pending_minor = 101 where id = %(purse)s",
        {"pending debits": "pending debits are 101, what is held says 100"},
    ),
    Damage(
        "a credit that pends for nobody",
        "update ledger_account set credits_pending_minor = 1 where id = %(other)s",
        {"pending credits": "pending credits are 1, what is held says 0"},
    ),
    Damage(
        "a sum lost",
        "update ledger_account set debits_pending_minor = null where id = %(other)s",
        {"sums are kept": "keeps some of its four sums only"},
    ),
    Damage(
        "an account below its floor",
        "alter table ledger_account drop constraint ledger_not_below_floor;"
        "update ledger_account set floor_minor = 841 where id = %(purse)s",
        {"floor": "840 is below its floor of 841"},
    ),
    Damage(
        "an account gone",
        "delete from ledger_account where id = %(house)s",
        {"account is there": "is not there, and 6 transfers name it"},
    ),
    Damage(
        "a transfer gone",
        "delete from ledger_transfer where kind = 'payment' and amount_minor = 1000",
        {"posted credits": "its transfers say 50", "sums are zero": "are 1000, not 0"},
    ),
    Damage(
        "a transfer's sum changed",
        "update ledger_transfer set amount_minor = 51 where id = '00000000-0000-0000-0000-000000000005'",
        {"posted debits": "debits are 110, its transfers say 111", "sums are zero": "are 1, not 0"},
    ),
    Damage(
        "a transfer into other books",
        "update ledger_transfer set credit_account_id = %(strange 0)s where amount_minor = 50",
        {
            "books do not mix": "in main/RUB to account",
            "posted credits": "its transfers say 57",
            "sums are zero": "not 0",
            "reversal fits": "go from account",
        },
    ),
    Damage(
        "a transfer into another currency",
        "update ledger_transfer set credit_account_id = %(strange 1)s where amount_minor = 50",
        {
            "books do not mix": "in main/CNY",
            "posted credits": "its transfers say 57",
            "sums are zero": "not 0",
            "reversal fits": "go from account",
        },
    ),
    Damage(
        "a pending transfer gone",
        "delete from ledger_transfer where id = '00000000-0000-0000-0000-000000000003'",
        {"resolution has its pending transfer": "which is no pending transfer"},
    ),
    Damage(
        "a resolution gone",
        "delete from ledger_transfer where id = '00000000-0000-0000-0000-00000000000c'",
        {"unresolved is open": "is not resolved and does not stand as open"},
    ),
    Damage(
        "more posted than was held",
        "update ledger_transfer set amount_minor = 101 where id = '00000000-0000-0000-0000-00000000000b'",
        {
            "resolution fits": "with other accounts, kind or sum",
            "posted debits": "say 151",
            "posted credits": "say 101",
        },
    ),
    Damage(
        "a void of less than was held",
        "update ledger_transfer set amount_minor = 99 where id = '00000000-0000-0000-0000-00000000000c'",
        {"resolution fits": "with other accounts, kind or sum"},
    ),
    Damage(
        "a hold resolved twice",
        UNIQUE
        + ADD
        + """select gen_random_uuid(), debit_account_id, credit_account_id, amount_minor, booked_at, kind,
                                 'void', of_id from ledger_transfer where phase = 'void'""",
        {"resolved once": "is one of 2 that resolve 00000000-0000-0000-0000-000000000003"},
    ),
    Damage(
        "a resolution that did not release",
        ADD
        + """select gen_random_uuid(), debit_account_id, credit_account_id, amount_minor, booked_at, kind, 'void', id
                   from ledger_transfer where id = '00000000-0000-0000-0000-000000000001'""",
        {"resolved is not open": "and stands as open"},
    ),
    Damage(
        "an open hold changed",
        "update ledger_pending set expires_at = null",
        {"open is as it was held": "with other accounts, sum or expiry"},
    ),
    Damage(
        "an open hold gone",
        "delete from ledger_pending",
        {"unresolved is open": "does not stand as open", "pending debits": "what is held says 0"},
    ),
    Damage(
        "an open hold of nothing",
        "insert into ledger_pending values (gen_random_uuid(), %(other)s, %(house)s, 1, null)",
        {"open has its transfer": "which is no pending transfer", "pending debits": "what is held says 1"},
    ),
    Damage(
        "a reversal of nothing",
        "delete from ledger_transfer where id = '00000000-0000-0000-0000-000000000005'",
        {
            "reversal has its original": "moved nothing that could be taken back",
            "posted debits": "debits are 110, its transfers say 60",
            "sums are zero": "are -50, not 0",
        },
    ),
    Damage(
        "more taken back than there was",
        "update ledger_transfer set amount_minor = 31 where id = '00000000-0000-0000-0000-00000000000e'",
        {
            "reversals within their original": "take back 51 of 50",
            "posted credits": "its transfers say 1051",
            "sums are zero": "not 0",
        },
    ),
    Damage(
        "a reversal to somebody else",
        "update ledger_transfer set credit_account_id = %(other)s where id = '00000000-0000-0000-0000-00000000000e'",
        {"reversal fits": "go from account", "posted credits": "its transfers say"},
    ),
]


@pytest.mark.parametrize("case", DAMAGES, ids=lambda case: case.name)
def test_it_tells_damage(case: Damage, accounts: dict[str, int]) -> None:
    damage(case.done, dict(accounts))
    found = look().findings
    assert {finding.rule for finding in found} == set(case.told)
    for rule, words in case.told.items():
        assert any(words in finding.told for finding in found if finding.rule == rule), found


def test_it_tells_what_is_held_past_its_time(accounts: dict[str, int]) -> None:
    """The job that releases it runs once a minute, so a few minutes are no finding."""
    assert look(after=timedelta(hours=1, minutes=9)).findings == ()
    (finding,) = look(after=timedelta(hours=1, minutes=10)).findings
    assert finding.rule == "expired is released"
    assert finding.told == f"pending transfer {HELD} expired at 2026-03-01 13:00:00 UTC and is held"
    actions.expire_due(now=LATER)
    assert look(after=timedelta(hours=2)).findings == ()


def test_it_shows_some_of_a_kind_and_counts_the_rest(accounts: dict[str, int]) -> None:
    for _ in range(verifying.SHOWN_OF_A_KIND + 3):
        damage("insert into ledger_pending values (%(id)s, %(house)s, %(house)s, 1, null)", {"id": uuid4(), **accounts})
    verdict = look()
    assert len([f for f in verdict.findings if f.rule == "open has its transfer"]) == verifying.SHOWN_OF_A_KIND
    assert verdict.unshown == {"open has its transfer": 3}
