"""Somebody with a second factor, in front of a browser."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import time_machine
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client

from abonent.domains.identity.factors import actions as domain
from abonent.domains.identity.models import NumberGuard
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.factories import factors, identity, lines
from tests.factories.factors import Authenticator

NUMBER = "+79000000001"


@dataclass
class Person:
    """A line, its account, and the browser that signed in by a code."""

    line: Line = field(default_factory=lambda: lines.line(number=NUMBER))
    client: Client = field(default_factory=Client)
    account_id: int = 0

    def __post_init__(self) -> None:
        identity.sign_in(self.client, self.line)
        self.account_id = int(self.client.session[SESSION_KEY])
        NumberGuard.objects.all().delete()

    def with_totp(self) -> Person:
        factors.with_totp(self.account_id)
        return self

    def with_codes(self) -> list[str]:
        return domain.make_codes(account_id=self.account_id, at=now())

    def with_passkey(self) -> Authenticator:
        return factors.with_passkey(self.account_id)

    def code(self, steps: int = 0) -> str:
        return factors.totp_code(self.account_id, now(), steps)

    def wrong_code(self) -> str:
        return factors.wrong_code(self.account_id, now())

    def first_factor(self, client: Client | None = None) -> Client:
        """Sign in with a code in a browser (a new one), up to the second factor."""
        client = client or Client()
        NumberGuard.objects.all().delete()
        client.post("/login/", {"number": self.line.number})
        entered = client.post("/login/code/", {"code": identity.last_code(self.line.number)})
        assert entered["Location"] == "/login/second/"
        return client


def question(page: HttpResponse) -> str:
    """Return what the page asks a passkey (JSON)."""
    found = re.search(r'data-question="([^"]+)"', page.content.decode())
    assert found
    return html.unescape(found[1])


def said(page: HttpResponse) -> str:
    """Return what the page says, without tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def wait(**span: int) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**span))


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment)
