"""Codes as their owner gets them, browsers with a session."""

from __future__ import annotations

import re
from uuid import UUID

from django.test import Client

from abonent.domains.identity import actions, models, queries
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Purpose
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messaging
from abonent.domains.messaging import secrets
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now
from tests.factories import lines

# Where the first entry leads.
OFFER = "/login/offer/?next=%2Fhome%2F"


def last_text(number: str) -> str:
    """Return the text of the last message to `number`, as the worker would send it."""
    message = messaging.Message.objects.filter(recipient=number).order_by("-created_at").first()
    assert message
    ref = secrets.SecretRef(message.secret_kind, message.secret_ref)
    secret = secrets.reveal(ref, now()) if ref.kind else None
    return texts.render(message.template, message.params, secret, message.language, message.channel)


def last_code(number: str) -> str:
    """Return the code in the last message to `number`, or to an e-mail address."""
    found = re.search(r"\b\d{6}\b", last_text(number))
    assert found
    return found[0]


def sign_in(client: Client, line: Line) -> None:
    """Open a session by the pages themselves: the number, then the code."""
    client.post("/login/", {"number": line.number})
    response = client.post("/login/code/", {"code": last_code(line.number)})
    assert response.status_code == 302, response.content.decode()
    decline_password(client, response["Location"])


def decline_password(client: Client, offered: str) -> None:
    """Want no password, as the page that offers one after the first entry (at the address `offered`) lets one say."""
    if offered.startswith("/login/offer/"):
        response = client.post(offered, {"choice": "never"})
        assert response.status_code == 302


def browser(line: Line | None = None) -> Client:
    """Return a browser that is signed in by `line`, a new one when none is given."""
    client = Client()
    sign_in(client, line or lines.line())
    return client


def account(language: str = "ru") -> int:
    """Open an account that nothing hangs on yet; return its id."""
    return actions.open_account(language=language)


def challenge(number: str = "+79000000001", *, subject: int | None = 1, purpose: Purpose = Purpose.ENTRY) -> UUID:
    """Send a code to `number`, for the `subject` or for nobody."""
    return actions.send_code(
        purpose=purpose, number=number, subject=subject, again=None, origin=Origin(), host="abonent.test",
        language="ru", at=now(),
    )  # fmt: skip


def code_of(challenge_id: UUID) -> str:
    """Return the right code."""
    row = models.Challenge.objects.get(id=challenge_id)
    return queries.code(row.id, row.purpose, row.number)


def wrong_code_of(challenge_id: UUID) -> str:
    """Return a code that is not right."""
    return f"{(int(code_of(challenge_id)) + 1) % 10**6:06}"
