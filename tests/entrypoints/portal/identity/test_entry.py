"""Getting in: number, code, session."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from abonent.domains.identity import models
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def test_id_3_leads_from_the_number_through_the_code_into_the_cabinet(client: Client) -> None:
    line = lines.line(number=NUMBER)
    asked = client.post("/login/", {"number": "8 (900) 000-00-01"})
    assert (asked.status_code, asked["Location"]) == (302, "/login/code/")
    page = client.get("/login/code/").content.decode()
    assert "+7\xa0900\xa0000-00-01" in page
    entered = client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert (entered.status_code, entered["Location"]) == (302, "/home/")
    assert client.session["proven_line"] == line.id
    assert models.Account.objects.count() == 1
    assert Session.objects.count() == 1
