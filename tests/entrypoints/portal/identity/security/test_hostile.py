"""Whatever is sent to the forms of this room: no failure, nothing changed that was not asked for."""

from __future__ import annotations

import pytest
from django.test import Client

from abonent.domains.identity import models
from tests.factories import lines, security

pytestmark = pytest.mark.django_db
FORMS = (
    "/security/sessions/end/", "/security/sessions/forget/", "/security/protected/", "/security/protected/prove/",
    "/security/erasure/", "/login/switched-off/", "/security/changes/1/not-me/",
)  # fmt: skip
ASKS = ("/security/data/copy/", "/security/erasure/ask/", "/security/switch-off/")
NAUGHTY = [
    "", "\x00", "a\x00b", "'; drop table identity_account; --", "<script>alert(1)</script>", "{{ 7*7 }}", "../../etc",
    "\N{RIGHT-TO-LEFT OVERRIDE}", "𝕳𝖊𝖑𝖑𝖔", "🙂" * 100, "-1", "0", "1e9", "NaN", "True", "None", "9" * 400, "²", "٣",
]  # fmt: skip


def state() -> list[tuple[object, ...]]:
    fields = ("id", "off_at", "frozen_at", "erase_at", "password", "email")
    return [*sorted(models.Account.objects.values_list(*fields)), (models.Session.objects.count(),)]


@pytest.mark.parametrize("typed", NAUGHTY, ids=range(len(NAUGHTY)))
def test_naughty_words_in_every_field_change_nothing(typed: str) -> None:
    client = security.browser(lines.line())
    before = state()
    for address in FORMS:
        for fields in (
            {"entry": typed, "device": typed, "next": typed},
            {"entry": [typed, typed], "next": ["a", typed]},
        ):
            answer = client.post(address, fields)
            assert answer.status_code in (302, 404), address
            if answer.status_code == 302:
                assert answer["Location"].startswith("/"), address
    assert state() == before


@pytest.mark.parametrize("address", FORMS)
def test_a_megabyte_is_refused_and_changes_nothing(address: str) -> None:
    client = security.browser(lines.line())
    before = state()
    answer = client.post(address, {"entry": "1" * 1_000_000, "next": "x" * 1_000_000})
    assert answer.status_code in (400, 302, 404, 413)
    assert state() == before


@pytest.mark.parametrize("address", [*FORMS, *ASKS])
def test_every_form_asks_for_its_token_and_for_somebody_signed_in(address: str) -> None:
    client = security.browser(lines.line())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["session"] = client.cookies["session"].value
    before = state()
    assert strict.post(address).status_code == 403
    stranger = Client().post(address)
    assert stranger["Location"].startswith("/login/")
    assert state() == before


@pytest.mark.parametrize("address", ASKS)
def test_a_proof_that_is_old_by_now_asks_again_and_changes_nothing(address: str) -> None:
    client = security.browser(lines.line(), by=None)
    before = state()
    assert client.post(address)["Location"].startswith("/login/confirm/?next=")
    assert state() == before
    assert models.SecurityEvent.objects.count() == 0


@pytest.mark.parametrize("address", ["/security/erasure/ask/", "/security/switch-off/"])
def test_a_form_sent_twice_is_done_once(address: str) -> None:
    line = lines.line()
    client, other = security.browser(line, mark="a"), security.browser(line, mark="b")
    client.post(address)
    other.post(address)
    client.post(address)
    kinds = models.SecurityEvent.objects.exclude(kind="new device").values_list("kind", flat=True)
    assert len(kinds) == 1


def test_steps_out_of_order_lead_to_where_they_begin() -> None:
    client = security.browser(lines.line())
    assert client.get("/security/erasure/")["Location"] == "/security/erasure/ask/"
    assert client.post("/security/erasure/")["Location"] == "/security/erasure/?kept"
    assert client.get("/security/data/copy/")["Location"] == "/security/data/"
    assert client.get("/security/protected/?lifted").status_code == 200
    assert client.get("/login/protected/")["Location"] == "/security/protected/"
    assert not models.SecurityEvent.objects.exists()
