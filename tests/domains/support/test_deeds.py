"""What is done for a customer: after the check, once, by two where it takes two; staff see no secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from abonent.domains.billing import models as billing
from abonent.domains.identity import models as identity
from abonent.domains.lines import models as lines
from abonent.domains.lines import queries as served
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messaging
from abonent.domains.support import actions, deeds, models, queries, rules
from abonent.domains.support.rules import Contact, Deed, NotThere, Refusal, Refused, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import families, support
from tests.factories import lines as lines_factory
from tests.factories.identity import last_text

pytestmark = pytest.mark.django_db
ALL = tuple(Role)
IMSI = "250990000000077"


def refusal_of(order: deeds.Order) -> Refusal:
    """Return why the order is refused; nothing may have changed."""
    before = state()
    with pytest.raises(Refused) as refused:
        deeds.do(order)
    assert state() == before
    return refused.value.refusal


def state() -> list[int]:
    tables = ("support_done", "identity_challenge", "messaging_message", "identity_securityevent", "lines_sim")
    with connection.cursor() as cursor:
        counts = []
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            counts.append(cursor.fetchone()[0])
    return [*counts, models.Approval.objects.filter(used_at=None).count()]


def restored(agent: queries.Agent, line: Line) -> int:
    """Go the shop's steps up to the signed form."""
    case_id = support.visited(agent, line)
    deeds.do(support.order(agent, case_id, Deed.APPLICATION))
    deeds.do(support.order(agent, case_id, Deed.FORM_RECEIVED))
    return case_id


def test_a_forms_key_is_good_once_for_its_deed_in_its_case() -> None:
    agent, line, other = support.agent(*ALL), support.customer(account_number="200000001"), support.customer()
    case_id = support.checked(agent, line)
    first = support.order(agent, case_id, Deed.PASSWORD_SMS)
    deeds.do(first)
    before = state()
    deeds.do(first)
    with pytest.raises(NotThere):
        deeds.do(replace(first, deed=Deed.TELL_ACCOUNT))
    assert state() == before
    actions.close_case(agent=agent, case_id=case_id, outcome="x", origin="", at=now())
    later = support.checked(agent, other)
    before = state()
    with pytest.raises(NotThere):
        deeds.do(replace(first, case_id=later))
    assert state() == before
    assert queries.done_in(later) == frozenset()
    identity.NumberGuard.objects.update(sends=[])
    deeds.do(replace(first, case_id=later, key=uuid4()))
    assert queries.done_in(later) == {Deed.PASSWORD_SMS}


@pytest.mark.parametrize("deed", [Deed.PASSWORD_SMS, Deed.TELL_ACCOUNT, Deed.PROTECT, Deed.LOST, Deed.UNPROTECT])
def test_id_10_nothing_is_done_before_the_check_or_after_the_talk(deed: Deed) -> None:
    agent, line = support.agent(*ALL), support.customer(account_number="200000001")
    case_id = support.case(agent, line)
    assert refusal_of(support.order(agent, case_id, deed)) is Refusal.NOT_CHECKED
    support.answer(agent, case_id, rules.Question.CODE_WORD, support.CODE_WORD)
    assert refusal_of(support.order(agent, case_id, deed)) is Refusal.NOT_CHECKED
    support.answer(agent, case_id, rules.Question.BIRTH_DATE, "31.12.1980")
    with time_machine.travel(now() + rules.CHECK_LIFE):
        assert refusal_of(support.order(agent, case_id, deed)) is Refusal.NOT_CHECKED
    with time_machine.travel(now() + rules.CASE_LIFE):
        assert refusal_of(support.order(agent, case_id, deed)) is Refusal.CLOSED
    actions.close_case(agent=agent, case_id=case_id, outcome="x", origin="", at=now())
    assert refusal_of(support.order(agent, case_id, deed)) is Refusal.CLOSED


def test_id_10_a_temporary_password_goes_to_the_customer_and_to_nobody_else() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    deeds.do(support.order(agent, case_id, Deed.PASSWORD_SMS))
    sent = messaging.Message.objects.get(template="temporary")
    assert (sent.recipient, sent.channel) == (line.number, "sms")
    text = last_text(line.number)
    challenge = identity.Challenge.objects.get(purpose="temporary")
    assert challenge.made_by == agent.by
    secret = next(word.strip(".,") for word in text.split() if len(word.strip(".,")) == 10)
    kept = str([entry.details for entry in verify.newest(50)]) + str(list(models.Done.objects.values()))
    assert secret not in kept
    assert line.number not in kept
    event = identity.SecurityEvent.objects.get(kind="agent acted")
    assert (event.by, event.detail) == (agent.by, {"deed": "password by sms", "contact": "call"})


def test_by_e_mail_only_a_confirmed_address_gets_it() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_EMAIL)) is Refusal.NO_ADDRESS
    account_id = served.account_of(line.id)
    identity.Account.objects.filter(id=account_id).update(email="anna@example.com", email_confirmed_at=now())
    deeds.do(support.order(agent, case_id, Deed.PASSWORD_EMAIL))
    assert messaging.Message.objects.get(template="temporary").recipient == "anna@example.com"
    assert "anna" not in str([entry.details for entry in verify.newest(1)])


def test_who_has_no_cabinet_gets_no_password() -> None:
    agent, line = support.agent(), support.customer(cabinet=False)
    case_id = support.checked(agent, line)
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NO_CABINET


def test_a_form_sent_twice_does_it_once_and_another_one_waits_its_minute() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    order = support.order(agent, case_id, Deed.PASSWORD_SMS)
    deeds.do(order)
    deeds.do(order)
    assert models.Done.objects.count() == messaging.Message.objects.filter(template="temporary").count() == 1
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.TOO_OFTEN


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_does_it_once() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    order = support.order(agent, case_id, Deed.PASSWORD_SMS)
    assert at_once(lambda _: deeds.do(order), 10) == [None] * 10
    assert models.Done.objects.count() == messaging.Message.objects.filter(template="temporary").count() == 1


def test_a_case_is_one_agents_about_one_party() -> None:
    """Whoever is checked in one talk opens nothing of anybody else's, and nobody works in another's talk."""
    one, other = support.agent(), support.agent()
    line, another = support.customer(), support.customer()
    checked = support.checked(one, line)
    with pytest.raises(NotThere):
        deeds.do(support.order(other, checked, Deed.PASSWORD_SMS))
    with pytest.raises(Refused) as refused:
        support.case(one, another)
    assert refused.value.refusal is Refusal.BUSY
    assert support.case(one, line) == checked
    actions.close_case(agent=one, case_id=checked, outcome="x", origin="", at=now())
    unchecked = support.case(one, another)
    assert refusal_of(support.order(one, unchecked, Deed.PASSWORD_SMS)) is Refusal.NOT_CHECKED


def test_after_a_sim_swap_it_takes_two_different_people() -> None:
    agent, both, line = support.agent(), support.agent(*ALL), support.customer()
    supervisor = support.agent(Role.SUPERVISOR)
    support.swap_sim(line)
    case_id = support.checked(agent, line)
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.PASSWORD_SMS, origin="", at=now())
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.PASSWORD_SMS, origin="", at=now())
    asked = queries.approvals_waiting(now())
    assert len(asked) == 1
    with pytest.raises(Refused):
        actions.decide(agent=agent, approval_id=asked[0].id, granted=True, origin="", at=now())
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    actions.decide(agent=supervisor, approval_id=asked[0].id, granted=True, origin="", at=now())
    # Good for this deed in this case, once.
    assert refusal_of(support.order(agent, case_id, Deed.UNPROTECT)) is Refusal.NEEDS_APPROVAL
    deeds.do(support.order(agent, case_id, Deed.PASSWORD_SMS))
    assert verify.newest(1)[0].details["second"] == supervisor.id
    with time_machine.travel(now() + timedelta(minutes=5)):
        assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    case_of_both = support.checked(both, support.customer())
    actions.ask_approval(agent=both, case_id=case_of_both, deed=Deed.UNPROTECT, origin="", at=now())
    own = queries.approvals_waiting(now())[0]
    with pytest.raises(Refused) as refused:
        actions.decide(agent=both, approval_id=own.id, granted=True, origin="", at=now())
    assert refused.value.refusal is Refusal.NOT_ALLOWED


def test_the_database_itself_refuses_one_person_as_two() -> None:
    agent = support.agent(*ALL)
    case_id = support.checked(agent, support.customer())
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.UNPROTECT, origin="", at=now())
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        models.Approval.objects.update(given_by_id=agent.id, granted=True)


def test_a_second_persons_word_dies_after_a_quarter_of_an_hour_and_a_refusal_stands() -> None:
    agent, supervisor, line = support.agent(), support.agent(Role.SUPERVISOR), support.customer()
    support.swap_sim(line)
    case_id = support.checked(agent, line)
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.PASSWORD_SMS, origin="", at=now())
    approval = queries.approvals_waiting(now())[0]
    with time_machine.travel(now() + rules.APPROVAL_LIFE):
        assert queries.approvals_waiting(now()) == []
        with pytest.raises(Refused):
            actions.decide(agent=supervisor, approval_id=approval.id, granted=True, origin="", at=now())
    actions.decide(agent=supervisor, approval_id=approval.id, granted=False, origin="", at=now())
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    with pytest.raises(Refused):
        actions.decide(agent=supervisor, approval_id=approval.id, granted=True, origin="", at=now())
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.PASSWORD_SMS, origin="", at=now())
    support.agree(supervisor)
    with time_machine.travel(now() + rules.APPROVAL_LIFE):
        assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    with pytest.raises(NotThere):
        actions.decide(agent=supervisor, approval_id=uuid4(), granted=True, origin="", at=now())


def test_protection_goes_on_at_once_and_off_by_two() -> None:
    agent, supervisor, line = support.agent(), support.agent(Role.SUPERVISOR), support.customer()
    account = identity.Account.objects.get(id=served.account_of(line.id))
    case_id = support.checked(agent, line)
    deeds.do(support.order(agent, case_id, Deed.PROTECT))
    account.refresh_from_db()
    assert account.frozen_at is not None
    assert refusal_of(support.order(agent, case_id, Deed.UNPROTECT)) is Refusal.NEEDS_APPROVAL
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.UNPROTECT, origin="", at=now())
    support.agree(supervisor)
    deeds.do(support.order(agent, case_id, Deed.UNPROTECT))
    account.refresh_from_db()
    assert account.frozen_at is None
    thawed = identity.SecurityEvent.objects.get(kind="thawed")
    assert thawed.by == agent.by


def test_a_lost_line_is_blocked_once_until_a_new_sim() -> None:
    agent, shop, line = support.agent(), support.agent(Role.SHOP), support.customer()
    case_id = support.checked(agent, line)
    deeds.do(support.order(agent, case_id, Deed.LOST))
    assert lines.Line.objects.get(id=line.id).block_reason == "lost"
    assert refusal_of(support.order(agent, case_id, Deed.LOST)) is Refusal.NOTHING_TO_DO
    visit = restored(shop, line)
    deeds.do(support.order(shop, visit, Deed.SIM, imsi=IMSI))
    assert lines.Line.objects.get(id=line.id).blocked_at is None


def test_cab_13_the_contact_centre_blocks_a_lost_phone_and_unblocks_it_after_the_questions() -> None:
    """Not before the check, once, with the owner's journal and the sealed trail (OPS-3, ID-11)."""
    agent, line = support.agent(), support.customer()
    account = served.account_of(line.id)
    unchecked = support.case(agent, line)
    for deed in (Deed.LOST, Deed.FOUND):
        assert refusal_of(support.order(agent, unchecked, deed)) is Refusal.NOT_CHECKED
    actions.close_case(agent=agent, case_id=unchecked, outcome="", origin="", at=now())
    case_id = support.checked(agent, line)
    assert refusal_of(support.order(agent, case_id, Deed.FOUND)) is Refusal.NOTHING_TO_DO
    deeds.do(support.order(agent, case_id, Deed.LOST))
    assert served.contact_of(line.id).number == ""
    deeds.do(support.order(agent, case_id, Deed.FOUND))
    assert served.contact_of(line.id).number == line.number
    told = identity.SecurityEvent.objects.filter(account_id=account).order_by("id").values_list("kind", "by")
    both = [("number blocked", agent.by), ("number unblocked", agent.by)]
    assert [one for one in told if one[0].startswith("number")] == both
    assert verify.verify().broken is None


def test_cab_16_the_contact_centre_ends_a_family_after_the_check_and_all_of_it_is_written_down() -> None:
    """Not before the check, once, with the owner's journal and the sealed trail (OPS-3)."""
    agent, line = support.agent(), support.customer()
    son, began = lines_factory.line(), now() - timedelta(days=1)
    member = families.member(families.group(line, families.load(), began), son, began)
    unchecked = support.case(agent, line)
    assert refusal_of(support.order(agent, unchecked, Deed.FAMILY_END)) is Refusal.NOT_CHECKED
    actions.close_case(agent=agent, case_id=unchecked, outcome="", origin="", at=now())
    case_id = support.checked(agent, line)
    deeds.do(support.order(agent, case_id, Deed.FAMILY_END))
    assert billing.FamilyMember.objects.filter(until=None).count() == 0
    assert billing.FamilyMember.objects.get(id=member).ended_by == "staff"
    assert refusal_of(support.order(agent, case_id, Deed.FAMILY_END)) is Refusal.NOTHING_TO_DO
    noted = identity.SecurityEvent.objects.filter(account_id=served.account_of(line.id), kind="agent acted")
    assert noted.get().detail["deed"] == "family ended"
    assert verify.verify().broken is None


def test_ops_2_the_shop_restores_access_step_by_step() -> None:
    shop, supervisor, line = support.agent(Role.SHOP), support.agent(Role.SUPERVISOR), support.customer()
    identity.NumberGuard.objects.create(number=line.number, failures_in_a_row=100, seen_at=now())
    case_id = support.visited(shop, line)
    for deed in (Deed.FORM_RECEIVED, Deed.SIM, Deed.ENVELOPE):
        assert refusal_of(support.order(shop, case_id, deed, imsi=IMSI)) is Refusal.NOT_IN_ORDER
    deeds.do(support.order(shop, case_id, Deed.APPLICATION))
    deeds.do(support.order(shop, case_id, Deed.FORM_RECEIVED))
    assert refusal_of(support.order(shop, case_id, Deed.SIM, imsi="12345")) is Refusal.NOT_ITS_SIM
    deeds.do(support.order(shop, case_id, Deed.SIM, imsi=IMSI))
    assert lines.Sim.objects.get(line_id=line.id, until=None).imsi == IMSI
    assert identity.NumberGuard.objects.get(number=line.number).failures_in_a_row == 0
    # The SIM is new now: what follows takes two.
    assert refusal_of(support.order(shop, case_id, Deed.ENVELOPE)) is Refusal.NEEDS_APPROVAL
    actions.ask_approval(agent=shop, case_id=case_id, deed=Deed.ENVELOPE, origin="", at=now())
    support.agree(supervisor)
    deeds.do(support.order(shop, case_id, Deed.ENVELOPE))
    challenge = identity.Challenge.objects.get(purpose="temporary")
    assert challenge.channel == "paper"
    assert challenge.expires_at - challenge.created_at == rules.ENVELOPE_LIFE
    assert not messaging.Message.objects.filter(template="temporary").exists()
    steps = [entry.action for entry in reversed(verify.newest(20)) if entry.subject == f"case {case_id}"]
    assert steps == [
        "case opened", "identity checked", "application", "form received", "sim replaced", "approval asked",
        "approval given", "envelope",
    ]  # fmt: skip
    assert verify.verify().broken is None


def test_a_second_new_sim_within_a_day_takes_two() -> None:
    shop, line = support.agent(Role.SHOP), support.customer()
    support.swap_sim(line)
    case_id = restored(shop, line)
    assert refusal_of(support.order(shop, case_id, Deed.SIM, imsi=IMSI)) is Refusal.NEEDS_APPROVAL


def test_id_11_the_envelope_makes_a_cabinet_for_who_has_none() -> None:
    shop, line = support.agent(Role.SHOP), support.customer(cabinet=False)
    case_id = restored(shop, line)
    deeds.do(support.order(shop, case_id, Deed.ENVELOPE))
    assert identity.Challenge.objects.get(purpose="temporary").subject == served.account_of(line.id)


def test_second_proofs_go_only_by_two_and_only_where_there_are_some() -> None:
    shop, supervisor, line = support.agent(Role.SHOP), support.agent(Role.SUPERVISOR), support.customer()
    account_id = served.account_of(line.id)
    case_id = restored(shop, line)
    for has_some in (False, True):
        identity.Account.objects.filter(id=account_id).update(has_second_factor=has_some)
        actions.ask_approval(agent=shop, case_id=case_id, deed=Deed.FACTORS, origin="", at=now())
        support.agree(supervisor)
        if not has_some:
            assert refusal_of(support.order(shop, case_id, Deed.FACTORS)) is Refusal.NOTHING_TO_DO
    deeds.do(support.order(shop, case_id, Deed.FACTORS))
    assert not identity.Account.objects.get(id=account_id).has_second_factor


@pytest.mark.parametrize("deed", [Deed.APPLICATION, Deed.ENVELOPE, Deed.SIM, Deed.FACTORS])
def test_nobody_restores_access_by_phone(deed: Deed) -> None:
    agent, line = support.agent(*ALL), support.customer()
    case_id = support.checked(agent, line)
    models.Done.objects.create(case_id=case_id, deed=Deed.FORM_RECEIVED, at=now(), key=uuid4())
    assert refusal_of(support.order(agent, case_id, deed, imsi=IMSI)) is Refusal.NOT_ALLOWED


def test_a_talk_is_opened_only_by_who_may_check_in_it() -> None:
    for role, contact in (
        (Role.CONTACT_CENTRE, Contact.VISIT), (Role.SHOP, Contact.CALL), (Role.SUPERVISOR, Contact.CALL),
        (Role.ENGINEER, Contact.VISIT),
    ):  # fmt: skip
        agent, line = support.agent(role), support.customer()
        with pytest.raises(Refused):
            support.case(agent, line, contact)
    assert not models.Case.objects.exists()


def test_a_talk_left_open_ends_when_the_next_one_begins() -> None:
    agent, line, another = support.agent(), support.customer(), support.customer()
    old = support.case(agent, line)
    with time_machine.travel(now() + rules.CASE_LIFE):
        new = support.case(agent, another)
        assert queries.open_case(agent.id, now()).id == new
    assert queries.case(old, agent.id).outcome == actions.LEFT_OPEN
