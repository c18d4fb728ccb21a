"""What several tests of codes on pages do alike."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse
from django.test import Client

from abonent.domains.identity import models
from tests.factories import identity


def words(response: HttpResponse) -> str:
    """Return what the page says, without tags, with plain blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return words(response)


def code_in_mail(address: str) -> str:
    """Return the code in the last letter to the address, as the worker would send it."""
    found = re.search(r"\b\d{6}\b", identity.last_text(address.strip().lower()))
    assert found, identity.last_text(address)
    return found[0]


def lift_sends() -> None:
    """Let the minute between two codes pass."""
    models.NumberGuard.objects.update(sends=[])


def confirm_address(client: Client, address: str) -> HttpResponse:
    """Make the address that of whoever is signed in, as the pages let one."""
    client.post("/security/email/", {"email": address})
    return client.post("/security/email/code/", {"code": code_in_mail(address)})


def flood(sends: int = 300) -> None:
    """Make the present windows of every sender look like a flood."""
    models.SendFlow.objects.filter(key__startswith="address").update(sends=sends)
