"""CAB-1, CAB-19: the page of notices and the form that says how to be told."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client

from abonent.domains.identity import models as identity_models
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions, models, preferences
from abonent.domains.messaging.rules_topics import Quiet, Topic, Wishes
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, lines

pytestmark = pytest.mark.django_db
SETTINGS = "/notices/settings/"
ALL = [one.value for one in Topic]


@pytest.fixture
def anna() -> Line:
    return cabinet.line()


@pytest.fixture
def client(anna: Line) -> Client:
    return identity.browser(anna)


def tell(line: Line, count: int = 1, template: str = "topped up") -> None:
    for _ in range(count):
        params = {"sum": "15000", "balance": "20000"}
        actions.send(recipient=line.number, template=template, params=params, language="en")


def stale(client: Client) -> None:
    """What was proven was proven half an hour ago."""
    session = client.session
    session["proven_at"] = session["proof_used_at"] = int((now() - timedelta(minutes=31)).timestamp())
    session.save()


def test_cab_1_what_was_written_is_shown_in_the_readers_language_and_page_by_page(client: Client, anna: Line) -> None:
    assert "пока ничего не писали" in cabinet.words(client, "/notices/")
    tell(anna, 31)
    page = client.get("/notices/")
    text = page.content.decode()
    assert text.count("Платежи · придёт по SMS") == 30
    assert "150" in text
    further = re.search(r'href="([^"]+)" rel="next"', text)
    assert further
    earlier = client.get(f"/notices/{html.unescape(further[1])}")
    assert earlier.content.decode().count("Платежи · придёт по SMS") == 1
    assert "пока ничего не писали" in cabinet.words(client, "/notices/?topic=orders")
    assert client.get("/notices/?topic=nonsense&before=31.02").status_code == 200
    assert cabinet.queries_of(client, "/notices/") <= 4


def test_cab_1_anothers_notices_are_not_shown(client: Client) -> None:
    tell(lines.line(number="+79000000077"))
    assert "150" not in cabinet.words(client, "/notices/")
    assert Client().get("/notices/")["Location"].startswith("/login/")
    assert Client().get(SETTINGS)["Location"].startswith("/login/")


def test_cab_19_topics_and_a_night_are_chosen_and_the_owner_hears_of_fewer_sms(client: Client, anna: Line) -> None:
    sms = [one for one in ALL if one != "payments"]
    given = {"sent": "1", "sms": sms, "quiet": "1", "from": "23", "until": "7"}
    assert client.post(SETTINGS, given)["Location"] == f"{SETTINGS}?saved"
    assert preferences.wishes_of(anna.number) == Wishes(frozenset({Topic.PAYMENTS}), quiet=Quiet(23, 7))
    assert identity_models.SecurityEvent.objects.filter(kind="notices changed").count() == 1
    assert "Сохранено" in cabinet.words(client, f"{SETTINGS}?saved")
    tell(anna)
    assert models.Message.objects.get(template="topped up").state == "kept"
    assert "только здесь" in cabinet.words(client, "/notices/")
    # More of them is no danger.
    client.post(SETTINGS, {"sent": "1", "sms": ALL})
    assert preferences.wishes_of(anna.number) == Wishes()
    assert identity_models.SecurityEvent.objects.filter(kind="notices changed").count() == 1


def test_cab_19_fewer_sms_ask_for_a_fresh_proof_and_what_was_chosen_is_kept(client: Client, anna: Line) -> None:
    stale(client)
    asked = client.post(SETTINGS, {"sent": "1", "sms": ["fees"], "csrfmiddlewaretoken": "x" * 32})
    assert asked["Location"].startswith("/login/confirm/?next=%2Fnotices%2Fsettings%2F%3Fsent%3D1%26sms%3Dfees")
    assert "csrf" not in asked["Location"]
    assert preferences.wishes_of(anna.number) == Wishes()
    page = client.get(f"{SETTINGS}?sent=1&sms=fees").content.decode()
    assert page.count('type="checkbox" name="sms"') == len(ALL)
    assert page.count(" checked") == 1
    # Nothing is hidden by quiet hours for long.
    assert client.post(SETTINGS, {"sent": "1", "sms": ALL, "quiet": "1", "from": "22", "until": "8"}).status_code == 302
    assert preferences.wishes_of(anna.number).quiet == Quiet(22, 8)


@pytest.mark.parametrize(
    ("begins", "ends"), [("5", "5"), ("24", "5"), ("-1", "5"), ("", "5"), ("٣", "5"), ("1" * 500, "5"), ("x", "\x00")]
)
def test_cab_19_hours_that_are_none_are_said_and_change_nothing(
    client: Client, anna: Line, begins: str, ends: str
) -> None:
    page = client.post(SETTINGS, {"sent": "1", "sms": ["fees"], "quiet": "1", "from": begins, "until": ends})
    assert page.status_code == 200
    assert "Выберите разные часы" in page.content.decode()
    assert preferences.wishes_of(anna.number) == Wishes()


def test_cab_19_e_mail_is_offered_to_a_confirmed_address_alone(client: Client, anna: Line) -> None:
    assert "сначала подтвердите адрес" in cabinet.words(client, SETTINGS)
    client.post(SETTINGS, {"sent": "1", "sms": ALL, "email": ["orders"]})
    assert preferences.wishes_of(anna.number).email_on == frozenset()
    identity_models.Account.objects.update(email="anna@mail.example", email_confirmed_at=now())
    client.post(SETTINGS, {"sent": "1", "sms": ALL, "email": ["orders", "bills", "nonsense"]})
    wishes = preferences.wishes_of(anna.number)
    assert (wishes.email_on, wishes.email) == (frozenset({Topic.ORDERS}), "anna@mail.example")
