"""Subscriptions at the customer's wish, and providers that two of staff suspend (CAB-11, SUP-2)."""

from __future__ import annotations

import pytest
from django.test import Client

from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import queries as subscriptions_queries
from abonent.domains.orders.subscriptions.rules import State
from abonent.domains.support import providers
from abonent.domains.support import subscriptions as disputing
from abonent.domains.support.models import ProviderProposal
from abonent.domains.support.rules import NotThere, Refusal, Refused, Role
from abonent.foundation.audit.models import Entry
from abonent.foundation.clock import now
from tests.entrypoints.staff.test_services import words
from tests.factories import promised, support
from tests.factories import subscriptions as make
from tests.factories.orders import rich

pytestmark = pytest.mark.django_db
PROVIDERS = "/staff/providers/"


def talk(*, checked: bool = True) -> tuple[Client, str, Line]:
    make.publish(make.OTHER)
    line = support.customer()
    promised.pay(line, 50_000, at=now())
    agent = support.agent()
    case_id = support.checked(agent, line) if checked else support.case(agent, line)
    return support.browser(agent), f"/staff/case/{case_id}/subscriptions/", line


def journal() -> list[str]:
    return [row.detail.get("deed") for row in SecurityEvent.objects.filter(kind="agent acted").order_by("id")]


def test_cab_11_an_agent_stops_one_all_and_bans_and_it_is_written_down_and_told() -> None:
    client, address, line = talk()
    one, two = make.begun(line, at=now()), make.begun(line, "films", at=now())
    assert "Гороскоп · Звёзды" in words(client, address)
    for _ in range(2):
        assert client.post(address, {"act": "stop", "id": str(one.id)})["Location"] == f"{address}?done"
    form = {"act": "stop-all", "id": "6f1d2c1e-6a52-4b0b-9a41-0f6a7f0c7a11"}
    for _ in range(2):
        client.post(address, form)
    for act in ("ban", "ban", "allow"):
        client.post(address, {"act": act})
    assert {str(make.now(each.id).why) for each in (one, two)} == {"staff"}
    deeds = ["subscription stopped", "subscriptions stopped", "subscriptions banned", "subscriptions allowed"]
    assert journal() == deeds
    assert [row.action for row in Entry.objects.filter(action__in=deeds).order_by("number")] == deeds
    assert make.messages(line).count("subscription ended") == 2
    assert make.now(one.id).ended_by.startswith("agent:")


def test_cab_11_nothing_is_done_before_the_check_or_about_another_s() -> None:
    client, address, line = talk(checked=False)
    one = make.begun(line, at=now())
    assert client.get(address)["Location"] == address.removesuffix("subscriptions/")
    for sent in ({"act": "stop", "id": str(one.id)}, {"act": "ban"}):
        refused = client.post(address, sent)
        assert (refused.status_code, "Сначала проверьте" in refused.content.decode()) == (409, True)
    assert make.now(one.id).state is State.ACTIVE
    assert not models.ContentBan.objects.exists()
    assert journal() == []
    checked, there, _ = talk()
    for sent in ({"act": "stop", "id": str(one.id)}, {"act": "stop", "id": "x"}, {"act": "burn"}, {}):
        assert checked.post(there, sent).status_code == 404
    assert make.now(one.id).state is State.ACTIVE


def naughty(complaints: int = 3) -> None:
    """Have the provider «Stars» begin five, and some say that they did not agree."""
    make.publish(make.OTHER)
    for place in range(5):
        line = rich()
        one = make.begun(line, at=now())
        if place < complaints:
            disputing.disagree(line=line, subscription_id=one.id, comment="no", at=now())


def test_cab_11_a_provider_over_the_threshold_is_suspended_by_two() -> None:
    naughty()
    first, second = support.agent(Role.CONTACT_CENTRE), support.agent(Role.SUPERVISOR)
    asking, deciding = support.browser(first), support.browser(second)
    assert "Подписались: 5. Не соглашались: 3 (60.0%)" in words(asking, PROVIDERS)
    assert asking.post(PROVIDERS, {"act": "suspend", "provider": "stars", "reason": " "}).status_code == 409
    sent = {"act": "suspend", "provider": "stars", "reason": "жалобы"}
    for _ in range(2):
        assert asking.post(PROVIDERS, sent)["Location"] == f"{PROVIDERS}?done"
    proposal = ProviderProposal.objects.get()
    assert asking.post(PROVIDERS, {"act": "agree", "id": f"{proposal.pk}"}).status_code == 409
    assert not subscriptions_queries.is_suspended("stars")
    assert "жалобы" in words(deciding, PROVIDERS)
    deciding.post(PROVIDERS, {"act": "agree", "id": f"{proposal.pk}"})
    assert subscriptions_queries.is_suspended("stars")
    assert deciding.post(PROVIDERS, {"act": "decline", "id": f"{proposal.pk}"}).status_code == 409
    assert "приостановлен с" in words(asking, PROVIDERS)
    done = ["provider proposal", "provider agreed"]
    assert [row.action for row in Entry.objects.filter(action__startswith="provider").order_by("number")] == done


def test_cab_11_nobody_agrees_to_their_own_and_a_quiet_provider_is_not_suspended() -> None:
    naughty(complaints=2)
    agent = support.agent(Role.SUPERVISOR)
    given = {"agent": agent, "suspend": True, "reason": "why", "origin": "", "at": now()}
    with pytest.raises(Refused) as refused:
        providers.propose(code="stars", **given)
    assert refused.value.refusal is Refusal.NOTHING_TO_DO
    with pytest.raises(NotThere):
        providers.propose(code="nobody", **given)
    naughty()
    providers.propose(code="stars", **given)
    own = ProviderProposal.objects.get()
    with pytest.raises(Refused) as refused:
        providers.decide(agent=agent, proposal_id=own.pk, granted=True, origin="", at=now())
    assert refused.value.refusal is Refusal.OWN
    assert not subscriptions_queries.is_suspended("stars")


def test_a_provider_of_a_name_that_is_none_is_not_there() -> None:
    client = support.browser(support.agent(Role.SUPERVISOR))
    for name in ("nobody", "st\0ars", ""):
        assert client.post(PROVIDERS, {"act": "suspend", "provider": name, "reason": "why"}).status_code == 404


def test_cab_11_only_who_may_sees_providers() -> None:
    assert support.browser(support.agent(Role.SHOP)).get(PROVIDERS).status_code in (403, 404)
