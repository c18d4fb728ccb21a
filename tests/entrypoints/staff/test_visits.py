"""The queue of technicians (FIX-2): who goes where, on the way, done."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from abonent.domains.support import models
from abonent.domains.support.rules import Role
from tests.factories import fixed, support
from tests.factories.cabinet import queries_of, words
from tests.factories.fixed import AT, FIRST

pytestmark = pytest.mark.django_db
QUEUE = "/staff/visits/"


def test_fix_2_a_visit_is_set_out_for_and_done_and_the_customer_reads_it() -> None:
    line = support.customer()
    fixed.place(line)
    with time_machine.travel(AT, tick=False):
        visit_id = fixed.booked(line)
        client = support.browser(support.agent(Role.CONTACT_CENTRE))
        assert "09:00–12:00" in words(client, QUEUE)
        assert "ул. Звёздная" in words(client, f"{QUEUE}{visit_id}/")
    with time_machine.travel(FIRST - timedelta(minutes=30), tick=False):
        client = support.browser(support.agent(Role.CONTACT_CENTRE))
        end = f"{QUEUE}{visit_id}/end/"
        form = {"key": str(uuid4()), "act": "done", "text": "Заменили кабель"}
        assert client.post(end, form).status_code == 409, "nobody has set out"
        assert client.post(f"{QUEUE}{visit_id}/set-out/").status_code == 302
        assert client.post(end, form | {"text": ""}).status_code == 422
        assert client.post(end, form | {"act": "lost"}).status_code == 400
        assert models.Visit.objects.get().state == "on the way"
        assert client.post(end, form).status_code == 302
    assert models.Visit.objects.get().state == "done"
    assert models.RequestNote.objects.filter(text="Заменили кабель", internal=False).exists()


def test_fix_2_who_may_not_see_it_and_what_is_not_there() -> None:
    client = support.browser(support.agent(Role.CONTACT_CENTRE))
    assert client.get(f"{QUEUE}1/").status_code == 404
    assert client.post(f"{QUEUE}{2**70}/set-out/").status_code == 404
    assert queries_of(client, QUEUE) <= 6
    assert support.browser(support.agent(Role.ENGINEER)).get(QUEUE).status_code == 403
