"""Where passwords of a cabinet go when the talk is about a number that opens only itself."""

from __future__ import annotations

import pytest

from abonent.domains.identity import models as identity
from abonent.domains.lines import queries as served
from abonent.domains.lines.queries import Line
from abonent.domains.support import actions, deeds
from abonent.domains.support.rules import Deed, Refusal, Role
from abonent.foundation.clock import now
from tests.domains.support.test_deeds import refusal_of, restored
from tests.factories import lines as lines_factory
from tests.factories import support

pytestmark = pytest.mark.django_db


def family_of_two() -> tuple[Line, Line, int]:
    """Return a parent's main line, the child's on the same contract, and the parent's account."""
    parent = support.customer()
    child = lines_factory.line(contract_id=parent.contract_id, is_main=False)
    return parent, child, served.account_of(parent.id) or 0


def test_id_11_a_password_of_the_owners_cabinet_goes_to_no_number_that_opens_only_itself() -> None:
    agent = support.agent(Role.CONTACT_CENTRE)
    parent, child, account_id = family_of_two()
    deeds.do(support.order(agent, support.checked(agent, child), Deed.PASSWORD_SMS))
    sent = identity.Challenge.objects.get(purpose="temporary")
    assert (sent.subject, sent.number, sent.address) == (account_id, parent.number, parent.number)


def test_id_18_a_password_to_a_sim_that_is_new_takes_two_whatever_the_talk_is_about() -> None:
    agent = support.agent(Role.CONTACT_CENTRE)
    parent, child, _ = family_of_two()
    support.swap_sim(parent)
    case_id = support.checked(agent, child)
    assert refusal_of(support.order(agent, case_id, Deed.PASSWORD_SMS)) is Refusal.NEEDS_APPROVAL
    actions.ask_approval(agent=agent, case_id=case_id, deed=Deed.PASSWORD_SMS, origin="", at=now())


def test_id_11_the_envelope_of_a_number_opens_the_cabinet_of_that_number() -> None:
    shop = support.agent(Role.SHOP)
    _, child, owner_id = family_of_two()
    deeds.do(support.order(shop, restored(shop, child), Deed.ENVELOPE))
    made = identity.Challenge.objects.get(purpose="temporary").subject
    assert made == served.account_of(child.id) != owner_id
