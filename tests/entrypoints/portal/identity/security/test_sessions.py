"""Devices and sessions: ended at once, only one's own; ids, lives and cookies of a session."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import models
from abonent.foundation.clock import now
from tests.factories import lines, security

pytestmark = pytest.mark.django_db
ADDRESS = "/security/sessions/"


def is_in(client: Client) -> bool:
    """Return whether the browser is signed in; an app that asks for its PIN is."""
    answer = client.get("/home/")
    return answer.status_code == 200 or answer["Location"].startswith("/app/")


def test_id_15_ends_one_session_and_its_next_request_is_signed_out() -> None:
    line = lines.line()
    mine, theirs, third = (security.browser(line, mark=mark) for mark in "abc")
    done = mine.post(f"{ADDRESS}end/", {"entry": theirs.session["sign_in"]})
    assert done["Location"] == f"{ADDRESS}?ended"
    assert "Сеанс завершён" in mine.get(done["Location"]).content.decode()
    gone = theirs.get("/home/")
    assert (gone.status_code, gone["Location"]) == (302, "/login/?next=%2Fhome%2F&ended=1")
    assert is_in(mine)
    assert is_in(third)


def test_id_15_ends_all_others() -> None:
    line = lines.line()
    mine, *others = (security.browser(line, mark=mark) for mark in "abcd")
    stranger = security.browser(lines.line())
    assert mine.post(f"{ADDRESS}end-others/")["Location"] == f"{ADDRESS}?others"
    assert [is_in(client) for client in (mine, stranger, *others)] == [True, True, False, False, False]
    assert "сеанс" in mine.get(ADDRESS).content.decode()


@pytest.mark.parametrize("address", ["/security/factors/", "/security/email/"])
def test_id_15_where_factors_and_the_address_change_other_sessions_can_be_ended(address: str) -> None:
    assert f'href="{ADDRESS}"' in security.browser(lines.line()).get(address).content.decode()


def test_id_15_forgets_a_device() -> None:
    line = lines.line()
    mine = security.browser(line, mark="a")
    account = security.account_of(mine)
    security.entry(account.pk, mark="old", agent=security.IPHONE)
    page = mine.get(ADDRESS).content.decode()
    assert "Safari, iPhone" in page
    device = models.Device.objects.exclude(id__in=models.SignIn.objects.filter(agent=security.CHROME).values("device"))
    assert mine.post(f"{ADDRESS}forget/", {"device": device.get().pk})["Location"] == f"{ADDRESS}?forgotten"
    assert "Safari, iPhone" not in mine.get(ADDRESS).content.decode()


def test_sec_another_persons_session_answers_like_one_that_is_not_there() -> None:
    mine, theirs = security.browser(lines.line()), security.browser(lines.line())
    device = models.Device.objects.get(account=security.account_of(theirs))
    answers = {
        (answer.status_code, answer.content.replace(address.encode(), b""))
        for address, name, values in (
            (f"{ADDRESS}end/", "entry", (theirs.session["sign_in"], 10**15)),
            (f"{ADDRESS}forget/", "device", (device.pk, 10**15)),
        )
        for value in values
        for answer in [mine.post(address, {name: value})]
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert is_in(theirs)
    assert models.SecurityEvent.objects.count() == 0


@pytest.mark.parametrize("value", ["", "x", "-1", "1" * 400, "²", "\x00", "1 or 1=1", "a" * 1_000_000])
def test_bad_ids_are_not_there(value: str) -> None:
    client = security.browser(lines.line())
    for address, name in ((f"{ADDRESS}end/", "entry"), (f"{ADDRESS}forget/", "device")):
        assert client.post(address, {name: value}).status_code in (400, 404)
        assert client.post(address).status_code == 404
    assert is_in(client)


@pytest.mark.parametrize("address", ["end/", "end-others/", "forget/"])
def test_a_link_alone_ends_nothing_and_each_form_asks_for_its_token(address: str) -> None:
    line = lines.line()
    mine, other = security.browser(line, mark="a"), security.browser(line, mark="b")
    assert mine.get(ADDRESS + address)["Location"] == ADDRESS
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["session"] = mine.cookies["session"].value
    assert strict.post(ADDRESS + address, {"entry": other.session["sign_in"]}).status_code == 403
    assert is_in(other)


@pytest.mark.parametrize("address", ["end/", "end-others/", "forget/"])
def test_sec_whoever_finds_a_browser_left_open_ends_nobodys_session(address: str) -> None:
    line = lines.line()
    mine, other = security.browser(line, mark="a", by=None), security.browser(line, mark="b")
    values = {"entry": other.session["sign_in"], "device": models.Device.objects.latest("id").pk}
    asked = mine.post(ADDRESS + address, values, HTTP_REFERER=f"http://testserver{ADDRESS}")
    assert (asked.status_code, asked["Location"]) == (302, "/login/confirm/?next=%2Fsecurity%2Fsessions%2F")
    assert is_in(other)
    assert models.Device.objects.count() == 2
    models.Account.objects.update(frozen_at=now())
    assert mine.post(ADDRESS + address, values)["Location"].startswith(f"{ADDRESS}?")
    assert not is_in(other)


def test_sec_the_web_ends_idle_after_an_hour_the_app_after_thirty_days() -> None:
    line = lines.line()
    web, app = security.browser(line, mark="w"), security.browser(line, mark="p", in_app=True)
    start = now()
    with time_machine.travel(start + timedelta(minutes=61)):
        assert not is_in(web)
        assert is_in(app)
    with time_machine.travel(start + timedelta(days=29, hours=23)):
        assert is_in(app)
    with time_machine.travel(start + timedelta(days=30, minutes=1)):
        assert not is_in(app)


def test_sec_the_web_ends_after_a_day_however_busy() -> None:
    web = security.browser(lines.line())
    start = now()
    for minutes in range(50, 24 * 60, 50):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_in(web)
    with time_machine.travel(start + timedelta(hours=24, minutes=1)):
        assert not is_in(web)


def test_the_list_says_when_a_session_was_last_active_to_the_minute() -> None:
    line = lines.line()
    mine, other = security.browser(line, mark="a"), security.browser(line, mark="b", in_app=True)
    with time_machine.travel(now() + timedelta(minutes=20)):
        other.get("/home/")
        page = mine.get(ADDRESS).content.decode()
        moment = f"{now().astimezone(ZoneInfo('Europe/Moscow')):%H:%M}"
    assert moment in page.partition("активность")[2][:80]


def test_sec_proving_anew_gives_the_session_a_new_id_and_keeps_it_in_the_list() -> None:
    line = lines.line(number="+79000000001")
    client = security.browser(line, by=None)
    before = client.session.session_key
    sign_in = client.session["sign_in"]
    store = client.session
    store.cycle_key()
    store.save()
    assert store.session_key != before
    assert not models.Session.objects.filter(key=before).exists()
    assert models.Session.objects.get(key=store.session_key).sign_in_id == sign_in
