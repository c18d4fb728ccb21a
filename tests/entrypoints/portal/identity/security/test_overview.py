"""The security page: what it says, what it costs, what it leads to."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.rules import EventKind, Way
from abonent.foundation.clock import now
from tests.factories import cabinet, lines, security

pytestmark = pytest.mark.django_db
ADDRESS = "/security/"
QUERIES = 10


def test_id_15_sends_strangers_to_sign_in() -> None:
    for address in ("/security/", "/security/sessions/", "/security/history/", "/security/changes/", "/security/data/"):
        assert Client().get(address)["Location"].startswith("/login/?next=%2Fsecurity%2F")


def test_id_15_advises_what_is_missing_and_says_when_all_is_well() -> None:
    client = security.browser(lines.line())
    text = cabinet.words(client, ADDRESS)
    assert "Добавьте электронную почту" in text
    assert "Добавьте второе подтверждение" in text
    account = security.account_of(client)
    models.Account.objects.filter(id=account.pk).update(email="anna@example.org", has_second_factor=True)
    text = cabinet.words(client, ADDRESS)
    assert "Всё в порядке" in text
    assert "anna@example.org" in text


def test_id_15_shows_devices_entries_changes_and_what_staff_did() -> None:
    client = security.browser(lines.line(), agent=security.CHROME)
    account = security.account_of(client)
    security.session(account.pk, mark="other", agent=security.IPHONE)
    security.event(account.pk, EventKind.PASSWORD_SET)
    security.event(account.pk, EventKind.AGENT_ACTED, by="agent:7")
    text = cabinet.words(client, ADDRESS)
    for said in (
        "Chrome, Windows",
        "это устройство",
        "Safari, iPhone",
        "сеть 203.0.113.0/24",
        "Новый пароль",
        "Вход с нового устройства",
        "Наш сотрудник что-то сделал по вашей просьбе",
        "сотрудник № 7",
    ):
        assert said in text, f"{said!r} not in {text}"


def test_id_15_leads_only_to_its_own_pages_and_those_of_the_neighbours() -> None:
    page = security.browser(lines.line()).get(ADDRESS).content.decode()
    for address in ("password", "email", "factors", "links", "sessions", "history", "changes", "data", "switch-off"):
        assert f'href="/security/{address}/"' in page


def test_perf_the_page_costs_the_same_for_much_history() -> None:
    quiet, busy = security.browser(lines.line()), security.browser(lines.line())
    account = security.account_of(busy)
    for day in range(30):
        security.entry(account.pk, mark=f"m{day}", at=now() - timedelta(days=day))
        security.event(account.pk, EventKind.PASSWORD_SET, at=now() - timedelta(days=day))
    for client in (quiet, busy):
        client.get(ADDRESS)
    assert cabinet.queries_of(quiet, ADDRESS) == cabinet.queries_of(busy, ADDRESS) <= QUERIES


@pytest.mark.parametrize("way", list(Way))
def test_every_way_in_and_every_change_has_words(way: Way) -> None:
    client = security.browser(lines.line())
    account = security.account_of(client)
    security.entry(account.pk, way=way)
    for kind in EventKind:
        security.event(account.pk, kind)
    for address in ("/security/", "/security/history/", "/security/changes/"):
        for language in ("ru", "en"):
            client.cookies["language"] = language
            assert client.get(address).status_code == 200


def test_history_goes_on_page_by_page_and_shows_each_entry_once() -> None:
    client = security.browser(lines.line())
    account = security.account_of(client)
    for minutes in range(1, 60):
        security.entry(account.pk, mark="", at=now() - timedelta(minutes=minutes), agent=f"Agent{minutes}")
    seen, address = 0, "/security/history/"
    for _page in range(3):
        page = client.get(address).content.decode()
        seen += page.count('class="what"')
        further = re.search(r'href="(\?before=[^"]+)"', page)
        address = f"/security/history/{further[1]}" if further else ""
    assert seen == 60
    assert address == ""


@pytest.mark.parametrize(
    "token", ["", "x", "1-", "-1", "1-2-3", "9" * 40, "9" * 18 + "-1", "²-1", "1-%00", "\x00", "a" * 5000]
)
def test_a_place_that_is_none_is_the_beginning(token: str) -> None:
    client = security.browser(lines.line())
    for address in ("/security/history/", "/security/changes/"):
        assert client.get(address, {"before": token}).status_code == 200


def test_another_persons_history_is_nowhere() -> None:
    client, stranger = (
        security.browser(lines.line()),
        security.browser(lines.line(), agent="Firefox Linux"),
    )
    security.event(security.account_of(stranger).pk, EventKind.SIM_REPLACED)
    for address in ("/security/", "/security/history/", "/security/changes/", "/security/sessions/"):
        page = cabinet.words(client, address)
        assert "Firefox" not in page
        assert "Заменена SIM" not in page


def test_id_15_the_risk_of_codes_by_sms_is_told_beside_stronger_ways() -> None:
    page = security.browser(lines.line()).get("/security/factors/").content.decode()
    assert "Войдёт тот, у кого ваша SIM-карта" in page
    assert 'action="/security/factors/app/"' in page
    assert 'href="/security/factors/passkey/"' in page
