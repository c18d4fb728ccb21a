""" "It was not me" by its pages, and the table of what stays possible while an account is protected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from abonent.domains.identity import freezing, models
from abonent.domains.identity.rules import EventKind, Proof
from abonent.foundation.clock import now
from tests.factories import cabinet, identity, lines, security

pytestmark = pytest.mark.django_db
PROTECTED = "/security/protected/"


def frozen(*, by: Proof | None = Proof.SMS, **fields: Any) -> Client:
    client = security.browser(lines.line(), by=by)
    account = security.account_of(client)
    models.Account.objects.filter(id=account.pk).update(**fields)
    freezing.freeze(
        account_id=account.pk, event_id=security.event(account.pk), at=now(), keep=client.session.session_key
    )
    return client


def test_sec_says_what_will_happen_and_then_does_it() -> None:
    line = lines.line()
    mine, theirs = security.browser(line, mark="a"), security.browser(line, mark="b")
    account = security.account_of(mine)
    event = security.event(account.pk)
    address = f"/security/changes/{event}/not-me/"
    assert f'href="{address}"' in mine.get("/security/changes/").content.decode()
    assert "Что произойдёт сразу" in cabinet.words(mine, address)
    account.refresh_from_db()
    assert account.frozen_at is None, "a link alone protects nothing"
    assert mine.post(address)["Location"] == PROTECTED
    assert theirs.get("/home/")["Location"].startswith("/login/")
    text = cabinet.words(mine, PROTECTED)
    assert "Кабинет под защитой" in text
    assert mine.get("/home/").status_code == 200
    assert mine.get("/statement/")["Location"] == PROTECTED
    assert mine.post(address)["Location"] == PROTECTED
    assert "Это были не вы" not in mine.get("/security/").content.decode().partition(address)[0]


def test_sec_anothers_event_answers_like_one_that_is_not_there() -> None:
    mine, stranger = security.browser(lines.line()), security.browser(lines.line())
    event = security.event(security.account_of(stranger).pk)
    own_frozen = security.event(security.account_of(mine).pk, EventKind.FROZEN)
    answers = {
        (answer.status_code, answer.content.replace(f"changes/{found}/".encode(), b""))
        for found in (event, own_frozen, 10**15, 10**30)
        for answer in (mine.get(f"/security/changes/{found}/not-me/"), mine.post(f"/security/changes/{found}/not-me/"))
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert not models.Account.objects.exclude(frozen_at=None).exists()


def test_sec_every_session_of_the_account_is_protected_whenever_it_began() -> None:
    client = frozen()
    line = lines.queries.of_account(security.account_of(client).pk)[0]
    later = security.browser(line, mark="later")
    assert later.get("/statement/")["Location"] == PROTECTED


def test_sec_an_sms_lifts_nothing_a_proof_from_before_does() -> None:
    by_sms = frozen(email="anna@example.org")
    assert "коду из письма" in cabinet.words(by_sms, PROTECTED) or "код из письма" in cabinet.words(by_sms, PROTECTED)
    assert by_sms.post(PROTECTED)["Location"] == PROTECTED
    assert security.account_of(by_sms).frozen_at
    by_email = frozen(email="boris@example.org", by=Proof.EMAIL)
    assert "Снять защиту" in cabinet.words(by_email, PROTECTED)
    assert by_email.post(PROTECTED)["Location"] == f"{PROTECTED}?lifted"
    assert security.account_of(by_email).frozen_at is None
    assert "Защита снята" in cabinet.words(by_email, f"{PROTECTED}?lifted")
    assert by_email.get("/statement/").status_code == 200


def test_sec_who_has_no_other_proof_is_sent_to_a_shop() -> None:
    assert "в салон с документом" in cabinet.words(frozen(), PROTECTED)


def test_sec_proving_leads_past_a_proof_that_lifts_nothing() -> None:
    client = frozen(email="anna@example.org")
    led = client.post(f"{PROTECTED}prove/")
    assert led["Location"].startswith("/login/confirm/?next=%2Fsecurity%2Fprotected%2F")
    assert "proven_at" not in client.session


def test_sec_password_entry_stays_closed_after_the_protection_is_lifted() -> None:
    client = frozen(email="anna@example.org", by=Proof.EMAIL)
    client.post(PROTECTED)
    assert not security.account_of(client).has_usable_password()


def test_without_protection_the_page_leads_to_security() -> None:
    client = security.browser(lines.line())
    assert client.get(PROTECTED)["Location"] == "/security/"
    assert client.post(PROTECTED)["Location"] == "/security/"


def test_sec_an_entry_by_code_while_protected_leads_first_to_what_to_do() -> None:
    line = lines.line(number="+79000000001")
    client = security.browser(line)
    account = security.account_of(client)
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    fresh = Client()
    fresh.post("/login/", {"number": line.number})
    entered = fresh.post("/login/code/", {"code": identity.last_code(line.number)})
    assert entered["Location"].startswith(PROTECTED)
    assert fresh.get("/statement/")["Location"] == PROTECTED


# What may be sent, and looked at, while an account is protected; everything else is refused.
SENT_ANYWAY = {
    "/logout/", "/line/", "/lines/lost/", PROTECTED, f"{PROTECTED}prove/",
    "/security/sessions/end/", "/security/sessions/end-others/", "/security/sessions/forget/",
    # For who is no customer yet: it knows nobody.
    "/port-in/", "/port-in/code/", "/port-in/code/again/",
}  # fmt: skip
# What knows nobody, and the pages of signing in, which have a table of their own below.
KNOWS_NOBODY = ("/login/", "/app/", "/phone/", "/language/", "/manifest.webmanifest", "/sw.js", "/offline/", "/speed/")


def addresses(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        written = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, written)
        elif isinstance(pattern, URLPattern):
            yield written


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Return everything an account could lose, as it stands."""
    kept = [models.Account, *(m for m in apps.get_app_config("identity").get_models() if m not in IGNORED)]
    kept += [m for name in ("lines", "customers") for m in apps.get_app_config(name).get_models()]
    return {model.__name__: sorted(map(repr, model._default_manager.values_list())) for model in kept}


IGNORED = (models.Account, models.Session, models.SignIn, models.NumberGuard, models.SendFlow, models.Challenge)


def concrete(address: str) -> str:
    address = re.sub(r"<int:\w+>", "1", address)
    address = re.sub(r"<uuid:\w+>", "00000000-0000-0000-0000-000000000001", address)
    return re.sub(r"<[^>]+>", "x", address)


def test_sec_nothing_dangerous_stays_possible_while_an_account_is_protected() -> None:
    client = frozen(email="anna@example.org", has_second_factor=False)
    before = snapshot()
    undecided = []
    for written in addresses(get_resolver().url_patterns):
        address = concrete(written)
        if address.startswith(KNOWS_NOBODY) or address in SENT_ANYWAY or "^" in address:
            continue
        answer = client.post(address, {"next": "/home/"})
        refused = answer.status_code == 302 and answer["Location"] == PROTECTED
        if not (refused or answer.status_code in (404, 405)):
            undecided.append((address, answer.status_code, answer.get("Location")))
        client.get(address)
        assert security.is_open(client.session), f"{address} ended the session"
    assert undecided == []
    assert snapshot() == before


def test_sec_not_even_pages_before_the_cabinet_set_anything_while_it_is_protected() -> None:
    client = frozen(email="anna@example.org")
    before = snapshot()
    strong = "Correct-Horse-7-Battery"
    for address in ("/login/new-password/", "/login/offer/", "/login/forgot/"):
        for typed in (
            {"password": strong},
            {"password": strong, "again": strong, "choice": "set"},
            {"choice": "never"},
        ):
            client.post(address, typed)
    assert snapshot() == before


def test_sec_a_forgotten_password_restores_nothing_while_it_is_protected() -> None:
    line = lines.line(number="+79000000001")
    client = security.browser(line)
    account = security.account_of(client)
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    thief = Client()
    assert thief.post("/login/forgot/", {"login": line.number, "channel": "sms"})["Location"] == "/login/forgot/code/"
    done = thief.post("/login/forgot/code/", {"code": identity.last_code(line.number)})
    assert done["Location"] == "/login/protected/"
    assert "Этот способ входа закрыт" in cabinet.words(thief, "/login/protected/")
    assert thief.get("/login/new-password/")["Location"].startswith("/login/?")
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert not models.Session.objects.filter(account=account).exists()


def test_sec_who_has_a_second_factor_owes_it_before_anything_of_the_protection_is_told() -> None:
    line = lines.line(number="+79000000001")
    account = security.account_of(security.browser(line))
    models.Account.objects.filter(id=account.pk).update(has_second_factor=True)
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    thief = Client()
    thief.post("/login/forgot/", {"login": line.number, "channel": "sms"})
    done = thief.post("/login/forgot/code/", {"code": identity.last_code(line.number)})
    assert done["Location"] == "/login/second/"
