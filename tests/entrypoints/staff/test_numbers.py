"""Number management in the consoles (CAB-15, OPS-3): the queue with its deadlines, yes, and no with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from abonent.domains.lines import models
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.messaging.models import Message
from abonent.domains.support.rules import Role
from abonent.foundation.audit.models import Entry
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import lines, support
from tests.factories import sharing as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
QUEUE = "/staff/numbers/"


def test_cab_15_staff_see_what_the_books_say_and_answer() -> None:
    mine = lines.line(is_main=False)
    second = lines.line(contract_id=mine.contract_id, is_main=False)
    stranger = make.boris()
    with time_machine.travel(now() - timedelta(days=7), tick=False):
        late = sharing_requests.ask(
            account_id=make.account(mine), line=mine, number=Msisdn(stranger.number), at=now()
        )  # fmt: skip
    fits = sharing_requests.ask(account_id=make.account(mine), line=mine, number=Msisdn(second.number), at=now())
    client = support.browser(support.agent(Role.CONTACT_CENTRE))
    assert "Управление номерами" in words(client, "/staff/")
    page = words(client, QUEUE)
    assert page.count("Просрочено:") == 1
    assert page.index(f"№ {late}") < page.index(f"№ {fits}")
    assert second.number not in client.get(QUEUE).content.decode()
    assert client.get(QUEUE).content.decode().count('value="yes"') == 1, "only what fits can be approved"
    assert client.post(f"{QUEUE}{late}/", {"answer": "yes"}).status_code == 409
    assert client.post(f"{QUEUE}{late}/", {"answer": "perhaps"}).status_code == 404
    assert client.post(f"{QUEUE}{late}/", {"answer": "not yours"})["Location"] == f"{QUEUE}?answered"
    assert client.post(f"{QUEUE}{fits}/", {"answer": "yes"})["Location"] == f"{QUEUE}?answered"
    assert client.post(f"{QUEUE}{fits}/", {"answer": "yes"}).status_code == 409
    assert client.post(f"{QUEUE}{2**63}/", {"answer": "yes"}).status_code == 404
    assert models.Share.objects.get().line_id == second.id
    assert Message.objects.filter(recipient=mine.number, template="number answered").count() == 2
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"number request approved", "number request refused", "number shared"} <= actions
    assert "Всё отвечено" in words(client, QUEUE) or "На всё отвечено" in words(client, QUEUE)
