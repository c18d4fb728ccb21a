"""A content provider's way in (CAB-11): signed asks are heard once and begin nothing; others find nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from abonent.domains.catalog.providers import actions as providers
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.ports import NoAnswer, Notice
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway
from abonent.domains.orders.subscriptions.rules import State
from abonent.entrypoints.callbacks.bodies import signature
from abonent.foundation.clock import now
from tests.factories import subscriptions as make
from tests.factories.orders import AT, rich

pytestmark = pytest.mark.django_db
ADDRESS = "/callbacks/content/stars"


@pytest.fixture
def line() -> Line:
    make.publish(make.OTHER)
    return rich()


def body(line: Line, **more: object) -> dict[str, object]:
    return {
        "id": "A-1", "number": line.number, "service": "horoscope", "price_minor": 500, "per": "day", **more
    }  # fmt: skip


def post(document: object, *, address: str = ADDRESS, age_s: float = 0, **more: str) -> HttpResponse:
    sent = document if isinstance(document, bytes) else json.dumps(document).encode()
    timestamp = str(int(now().timestamp() - age_s))
    key = more.get("key") or subscriptions_gateway.provider_key("stars")
    signed = signature(key, timestamp, more.get("path", address), sent)
    headers = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signed}
    return Client(enforce_csrf_checks=True).post(address, sent, content_type="application/json", headers=headers)


def test_cab_11_a_signed_ask_is_heard_once_and_begins_nothing(line: Line) -> None:
    for _ in range(3):
        answer = post(body(line))
        assert (answer.status_code, answer.json()) == (200, {"state": "asked", "why": ""})
    row = models.Subscription.objects.get()
    assert (row.state, make.charges(line)) == ("asked", [])
    # The address of the page is in the SMS alone.
    assert str(row.id) not in answer.content.decode()
    make.agree(row.id, at=now())
    said = post({"id": "A-1"}, address=f"{ADDRESS}/state").json()
    assert said == {"state": "active", "why": "", "subscription_id": str(row.id)}


def test_cab_11_a_refusal_is_told_in_a_word_and_a_ban_is_shown_to_the_owner(line: Line) -> None:
    for more, why in (
        ({"price_minor": 501}, "other terms"), ({"per": "week"}, "other terms"),
        ({"service": "poker"}, "unknown service"),
        ({"number": "+79009999999"}, "not served"),
    ):  # fmt: skip
        answer = post(body(line, **more))
        assert (answer.status_code, answer.json()) == (409, {"state": "refused", "why": why})
    assert not models.Subscription.objects.exists()
    subscriptions.ban(line_id=line.id, by="owner", at=now())
    for _ in range(2):
        assert post(body(line)).json() == {"state": "refused", "why": "banned"}
    assert models.Subscription.objects.get().state == State.REFUSED
    assert post(body(line, service="films", price_minor=7_000, per="week")).status_code == 409
    assert models.Subscription.objects.count() == 1


def test_cab_11_a_provider_ends_its_own_and_no_other_s(line: Line) -> None:
    one = make.begun(line, at=now(), external_id="A-1")
    key = subscriptions_gateway.provider_key("games")
    answer = post({"id": "A-1"}, address="/callbacks/content/games/stop", key=key)
    assert answer.status_code == 404
    assert make.now(one.id).state is State.ACTIVE
    assert post({"id": "A-1"}, address=f"{ADDRESS}/stop").json()["state"] == "ended"
    assert post({"id": "A-2"}, address=f"{ADDRESS}/stop").status_code == 404
    assert str(make.now(one.id).why) == "provider"


@pytest.mark.parametrize(
    "forged",
    [
        {"key": "k" * 64}, {"age_s": 301.0}, {"age_s": -301.0}, {"path": "/callbacks/content/games"},
        {"address": "/callbacks/content/games"}, {"address": "/callbacks/content/nobody"},
    ],
)  # fmt: skip
def test_cab_11_a_forged_old_or_foreign_ask_finds_nothing(line: Line, forged: dict[str, object]) -> None:
    assert post(body(line), **forged).status_code == 404
    assert Client().get(ADDRESS).status_code == 404
    assert not models.Subscription.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"[]", b"{", b"[" * 9_000, {}, {"id": ""}, {"id": "x" * 61}, {"id": "with blank"}, {"id": 7},
        {"number": "89000000001"}, {"number": "+7900\x00000001"}, {"price_minor": "500"}, {"price_minor": True},
        {"price_minor": -1}, {"price_minor": 10**30}, {"per": "year"}, {"service": "Horoscope"}, {"service": None},
    ],
    ids=repr,
)  # fmt: skip
def test_cab_11_a_body_of_no_use_is_told_so_and_changes_nothing(line: Line, wrong: object) -> None:
    sent = body(line, **wrong) if isinstance(wrong, dict) and wrong else wrong
    answer = post(sent)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert not models.Subscription.objects.exists()


def test_cab_11_a_provider_is_heard_by_the_key_of_an_older_secret(line: Line, settings) -> None:
    old = subscriptions_gateway.provider_key("stars")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert post(body(line), key=old).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert post(body(line, id="A-2"), key=old).status_code == 404


class Deaf:
    """A provider that hears the second time."""

    heard: list[Notice] = []
    tries = 0

    def tell(self, *, url: str, key: str, notice: Notice) -> None:
        Deaf.tries += 1
        if Deaf.tries == 1:
            raise NoAnswer("deaf")
        assert (url, key) == ("https://stars.example/abonent", subscriptions_gateway.provider_key("stars"))
        Deaf.heard.append(notice)


def test_cab_11_a_provider_is_told_how_it_stands_until_it_hears(settings) -> None:
    settings.CONTENT_PROVIDERS = f"{__name__}.Deaf"
    make.publish()
    assert subscriptions_gateway.tell(subscription_id=make.begun(rich()).id, at=AT) is False
    providers.publish(replace(make.STARS, url="https://stars.example/abonent", valid_from=date(2024, 2, 1)))
    providers.publish(replace(make.STARS, url="https://later.example/abonent", valid_from=date(2099, 1, 1)))
    line = rich()
    one = make.begun(line, external_id="A-9")
    with pytest.raises(NoAnswer):
        subscriptions_gateway.tell(subscription_id=one.id, at=AT)
    assert subscriptions_gateway.tell(subscription_id=one.id, at=AT)
    [notice] = Deaf.heard
    assert (notice.external_id, notice.state, notice.number) == ("A-9", "active", line.number)
