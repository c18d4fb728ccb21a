"""Accounts of staff: made by a command, guarded, blocked at once; the trail knows."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine

from abonent.domains.identity import hashing
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.models import Account
from abonent.domains.identity.passwords.actions import NotGood
from abonent.domains.lines import queries as lines
from abonent.domains.support import jobs, models, queries, rules, staff
from abonent.domains.support.rules import Role
from abonent.foundation.audit import Actor, verify
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import support

ROOT = Actor("command", "root")
pytestmark = pytest.mark.django_db


def enter(login: str, password: str) -> queries.Agent:
    return staff.enter(login=login, password=password, at=now())


def test_nobody_is_there_before_somebody_is_added() -> None:
    assert not models.Agent.objects.exists()
    assert not Account.objects.exists()
    for login in ("root", "admin", "sa", "administrator", "test", "demo"):
        with pytest.raises(staff.WrongEntry):
            staff.enter(login=login, password=login, at=now())


def test_somebody_is_added_with_a_password_for_the_first_entry_only() -> None:
    agent = support.agent(first_entry=True)
    first = support.FIRST_PASSWORDS[agent.login]
    assert enter(f" {agent.login.upper()} ", first).id == agent.id
    assert staff.in_session(agent_id=agent.id, since=now()) is None, "the first password opens nothing by itself"
    for password in (first, "12345678", "short", agent.login * 3):
        with pytest.raises(NotGood):
            staff.set_password(agent=agent, password=password, at=now())
    staff.set_password(agent=agent, password=support.PASSWORD, at=now())
    with pytest.raises(staff.WrongEntry):
        enter(agent.login, first)
    assert enter(agent.login, support.PASSWORD).first_password_until is None
    entry = verify.newest(2)[1]
    assert (entry.action, entry.actor.kind, entry.details["roles"]) == ("staff added", "command", "contact-centre")
    assert first not in str([found.details for found in verify.newest(9)])


def test_a_first_password_is_good_for_three_days() -> None:
    agent = support.agent(first_entry=True)
    with time_machine.travel(now() + rules.FIRST_PASSWORD_LIFE), pytest.raises(staff.WrongEntry):
        enter(agent.login, support.FIRST_PASSWORDS[agent.login])


@pytest.mark.parametrize(
    ("login", "name", "roles"),
    [
        ("x", "N", ["shop"]), ("Ольга", "N", ["shop"]), ("o.t\0", "N", ["shop"]), ("1abc", "N", ["shop"]),
        ("a" * 41, "N", ["shop"]), ("good.login", " ", ["shop"]), ("good.login", "N", []),
        ("good.login", "N", ["director"]),
    ],
)  # fmt: skip
def test_what_is_no_agent_is_refused(login: str, name: str, roles: list[str]) -> None:
    with pytest.raises(staff.BadAgent):
        staff.add(staff.NewAgent(login, name, roles), actor=ROOT, at=now())
    assert not models.Agent.objects.exists()


def test_a_login_is_one_persons() -> None:
    agent = support.agent()
    with pytest.raises(staff.BadAgent):
        staff.add(staff.NewAgent(agent.login, "N", [Role.SHOP]), actor=ROOT, at=now())


def guess(login: str, times: int = rules.WRONG_PASSWORDS_MAX) -> None:
    for _ in range(times):
        with pytest.raises(staff.WrongEntry):
            enter(login, "wrong")


def test_five_wrong_passwords_slow_guessing_down_to_one_a_quarter_of_an_hour() -> None:
    agent, colleague = support.agent(), support.agent()
    guess(agent.login)
    with pytest.raises(staff.Paused) as paused:
        enter(f" {agent.login.upper()}", support.PASSWORD)
    assert enter(colleague.login, support.PASSWORD).id == colleague.id
    with time_machine.travel(paused.value.until + timedelta(seconds=1)):
        guess(agent.login, 1)
        with pytest.raises(staff.Paused):
            enter(agent.login, support.PASSWORD)
    with time_machine.travel(paused.value.until + rules.WRONG_PASSWORDS_PAUSE + timedelta(seconds=2)):
        assert enter(agent.login, support.PASSWORD).id == agent.id
        guess(agent.login)


def test_a_login_that_nobody_has_is_paused_like_one_that_somebody_has() -> None:
    blocked = support.agent()
    staff.block(login=blocked.login, actor=ROOT, at=now())
    for login in ("nobody", blocked.login):
        guess(login)
        with pytest.raises(staff.Paused) as paused:
            enter(login, support.PASSWORD)
        assert paused.value.until > now() + rules.WRONG_PASSWORDS_PAUSE - timedelta(minutes=1)


def test_what_was_typed_for_a_login_is_kept_as_a_keyed_hash_for_a_day() -> None:
    typed = support.PASSWORD
    guess(typed)
    kept = models.EntryGuard.objects.get()
    assert len(kept.login_hash) == 64
    for plain in (typed, typed.lower()):
        assert kept.login_hash != hashlib.sha256(plain.encode()).hexdigest()
    with time_machine.travel(now() + timedelta(hours=23)):
        guess("another", 1)
        assert staff.forget_entries(before=now() - timedelta(days=1)) == 0
        assert models.EntryGuard.objects.count() == 2
    with time_machine.travel(now() + timedelta(hours=25)):
        jobs.forget_entries(timestamp=0)
        assert models.EntryGuard.objects.exclude(login_hash=kept.login_hash).count() == 1
        assert not models.EntryGuard.objects.filter(login_hash=kept.login_hash).exists()


def test_an_unknown_login_a_blocked_one_and_a_wrong_password_get_the_same_answer() -> None:
    agent, blocked = support.agent(), support.agent()
    staff.block(login=blocked.login, actor=ROOT, at=now())
    for login, password in ((agent.login, "x"), ("nobody", "x"), (blocked.login, support.PASSWORD), ("", "")):
        with pytest.raises(staff.WrongEntry):
            enter(login, password)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_thirty_guesses_at_once_look_at_five_at_most(known: bool) -> None:
    login = support.agent().login if known else "nobody"
    answers = at_once(lambda _: enter(login, "wrong"), 30)
    assert sum(isinstance(answer, staff.WrongEntry) for answer in answers) <= rules.WRONG_PASSWORDS_MAX
    assert {type(answer) for answer in answers} <= {staff.WrongEntry, staff.Paused, hashing.Busy}
    assert models.EntryGuard.objects.get().failures_in_a_row <= rules.WRONG_PASSWORDS_MAX


@pytest.mark.django_db(transaction=True)
def test_a_right_password_among_wrong_ones_at_once_leaves_no_broken_answer() -> None:
    agent = support.agent()
    guess(agent.login, rules.WRONG_PASSWORDS_MAX - 1)
    answers = at_once(lambda place: enter(agent.login, "wrong" if place % 3 else support.PASSWORD), 12)
    assert {type(answer) for answer in answers} <= {queries.Agent, staff.WrongEntry, staff.Paused, hashing.Busy}


def test_who_is_blocked_is_out_at_once_and_the_talk_ends() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.case(agent, line)
    with time_machine.travel(now() + timedelta(seconds=2)):
        assert staff.in_session(agent_id=agent.id, since=now())
        staff.block(login=agent.login, actor=ROOT, at=now())
        assert staff.in_session(agent_id=agent.id, since=now()) is None
    assert models.Case.objects.get(id=case_id).closed_at is not None
    with pytest.raises(staff.BadAgent):
        staff.block(login="nobody", actor=ROOT, at=now())


def test_who_begins_anew_has_neither_the_old_password_nor_the_old_second_proof() -> None:
    agent = support.agent()
    with time_machine.travel(now() + timedelta(seconds=2)):
        before = now() - timedelta(seconds=1)
        guess(agent.login)
        first = staff.reset(login=agent.login, actor=ROOT, at=now())
        with pytest.raises(staff.WrongEntry):
            enter(agent.login, support.PASSWORD)
        entered = enter(agent.login, first)
        staff.set_password(agent=entered, password="Novyj-Dlinnyj-Parol-77", at=now())
        assert staff.in_session(agent_id=agent.id, since=before) is None
    assert not accounts.standing(agent.account_id).has_second_factor


def test_staff_never_have_lines() -> None:
    agent = support.agent()
    assert lines.of_account(agent.account_id) == []
