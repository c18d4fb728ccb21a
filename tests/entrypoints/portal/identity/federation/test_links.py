"""The page of linked logins: added with a fresh proof, taken away by their owner, never the only way in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity.models import Account, SecurityEvent
from abonent.domains.identity.models_federation import Link
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.federation.conftest import LEV, VERA, Played, Traveller, address_of
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, sane
from tests.factories import factors, identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
FORMS = ("/security/links/add/", "/security/links/waiting/", "/security/links/remove/")


@pytest.fixture
def own(traveller: Traveller) -> Traveller:
    identity.sign_in(traveller.client, lines.line(number=NUMBER))
    return traveller


def add(own: Traveller, service: str = "other", person: str = VERA) -> str:
    address = address_of(own.client.post("/security/links/add/", {"service": service}))
    return str(own.client.get(own.choose(address, person))["Location"])


def test_id_14_a_login_is_added_and_taken_away_in_the_settings(services: Played, own: Traveller) -> None:
    page = own.client.get("/security/links/").content.decode()
    assert "Другой сервис" in page
    assert add(own) == "/security/linked/?next=%2Fsecurity%2Flinks%2F"
    assert "Вера Северная" in own.client.get("/security/linked/").content.decode()
    link = Link.objects.get()
    page = own.client.get("/security/links/").content.decode()
    assert f'name="link" value="{link.id}"' in page
    assert own.client.post("/security/links/remove/", {"link": link.id})["Location"] == "/security/links/?removed"
    assert Link.objects.count() == 0
    assert list(SecurityEvent.objects.order_by("id").values_list("kind", flat=True)) == ["link added", "link removed"]
    # The number and a code always remain.
    own.client.post("/logout/")
    with time_machine.travel(now() + timedelta(minutes=2)):
        identity.sign_in(own.client, lines.line(number="+79000000002"))


def test_id_14_one_login_of_a_service_is_enough(services: Played, own: Traveller) -> None:
    add(own)
    assert 'value="other"' not in own.client.get("/security/links/").content.decode()
    add(own, person=LEV)
    assert "уже привязан другой" in own.client.get("/security/linked/").content.decode()
    assert Link.objects.get().uid == VERA


def test_id_14_adding_and_taking_away_ask_for_a_fresh_proof(services: Played, own: Traveller) -> None:
    add(own)
    link = Link.objects.get()
    with time_machine.travel(now() + timedelta(minutes=6)):
        for address, fields in zip(FORMS, ({"service": "vk"}, {}, {"link": link.id}), strict=True):
            assert own.client.post(address, fields)["Location"].startswith("/login/confirm/")
    assert Link.objects.count() == 1


def test_id_14_who_is_asked_for_a_second_factor_shows_it_for_a_login_too(services: Played, own: Traveller) -> None:
    add(own)
    link = Link.objects.get()
    factors.with_totp(Account.objects.get().pk)
    for address, fields in zip(FORMS, ({"service": "vk"}, {}, {"link": link.id}), strict=True):
        assert own.client.post(address, fields)["Location"].endswith("&factor=1")
    assert list(Link.objects.all()) == [link]


def test_id_14_a_proof_that_grew_old_on_the_way_leaves_the_login_waiting(services: Played, own: Traveller) -> None:
    back = own.choose(address_of(own.client.post("/security/links/add/", {"service": "vk"})))
    session = own.client.session
    session["proven_at"] = session["proof_used_at"] = session["proven_at"] - 6 * 60
    session.save()
    assert own.client.get(back)["Location"] == "/security/links/"
    assert "Привязать «VK»?" in own.client.get("/security/links/").content.decode()
    assert own.client.post("/security/links/waiting/")["Location"].startswith("/login/confirm/")
    assert Link.objects.count() == 0


def test_id_14_a_link_that_somebody_is_led_to_adds_nothing(services: Played, own: Traveller) -> None:
    back = own.choose(address_of(own.client.post("/security/links/add/", {"service": "vk"})))
    session = own.client.session
    proven = session["proven_at"]
    session["proven_at"] = session["proof_used_at"] = proven - 6 * 60
    session.save()
    own.client.get(back)
    session = own.client.session
    session["proven_at"] = session["proof_used_at"] = proven
    session.save()
    assert own.client.get("/security/links/waiting/?state=x")["Location"] == "/security/links/"
    assert Link.objects.count() == 0
    assert own.client.post("/security/links/waiting/")["Location"].startswith("/security/linked/")


def test_id_14_an_answer_for_somebody_signed_out_meanwhile_adds_nothing(services: Played, own: Traveller) -> None:
    back = own.choose(address_of(own.client.post("/security/links/add/", {"service": "vk"})))
    own.client.post("/logout/")
    identity.sign_in(own.client, lines.line(number="+79000000002"))
    assert own.client.get(back).status_code == 400
    assert Link.objects.count() == 0


def test_id_14_nothing_is_added_while_the_cabinet_is_protected(services: Played, own: Traveller) -> None:
    Account.objects.update(frozen_at=now())
    session = own.client.session
    session["frozen"] = True
    session.save()
    assert own.client.post("/security/links/add/", {"service": "vk"})["Location"] == "/security/protected/"
    waiting = Traveller()
    waiting.go("vk")
    with time_machine.travel(now() + timedelta(minutes=2)):
        waiting.client.post("/login/", {"number": NUMBER})
        waiting.client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert Link.objects.count() == 0


def test_another_persons_login_is_not_there(services: Played, own: Traveller) -> None:
    add(own)
    stranger = identity.browser(lines.line(number="+79000000002"))
    link = Link.objects.get()
    for given in (link.id, link.id + 1, 10**18, "", "x", "-1", "1" * 400, "²", "٣"):
        assert stranger.post("/security/links/remove/", {"link": given}).status_code == 404
    assert Link.objects.count() == 1
    assert "Вера" not in stranger.get("/security/links/").content.decode()


@pytest.mark.parametrize("address", ["/security/links/", "/security/linked/", *FORMS])
def test_who_is_not_signed_in_is_led_to_it(services: Played, address: str) -> None:
    assert Client().get(address)["Location"].startswith("/login/?next=")
    assert Client().post(address)["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("address", [*FORMS, "/login/with/vk/", "/login/linking/"])
def test_every_form_asks_for_its_token(services: Played, address: str) -> None:
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403


@pytest.mark.parametrize("text", NAUGHTY, ids=[ascii(text)[:24] for text in NAUGHTY])
def test_any_text_in_any_field_gets_a_sane_page(services: Played, own: Traveller, text: str) -> None:
    own.client.raise_request_exception = True
    for address in FORMS:
        sane(own.client.post(address, {"service": text, "link": text}))
    sane(own.client.get("/security/linked/", {"next": text}))
    sane(own.client.get("/security/links/", {"removed": text}))
    for address in ("/login/linking/", "/login/with/x/", "/login/network/", "/login/network/back/"):
        if "network" not in address:
            sane(own.client.post(address, {"next": text}))
        sane(own.client.get(address, {"next": text, "ticket": text, "state": text, "code": text}))
    for service in ("vk", "other"):
        assert own.client.get(f"/login/with/{service}/callback/", {"state": text, "code": text}).status_code == 400
    assert Link.objects.count() == 0


@pytest.mark.parametrize("address", [*FORMS, "/login/with/vk/"])
def test_a_megabyte_is_refused_with_a_page(services: Played, own: Traveller, address: str) -> None:
    sane(own.client.post(address, {"service": "x" * 1_000_000}))
    sane(own.client.post(address, {"service": ["vk", "other"], "link": ["1", "2"]}))
    sane(own.client.post(address, b"{", content_type="application/json"))
    assert Link.objects.count() == 0


@pytest.mark.parametrize("address", ["/security/links/", "/security/linked/", *FORMS, "/login/with/vk/"])
@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_a_strange_method_is_refused(services: Played, address: str, method: str) -> None:
    assert getattr(Client(), method)(address).status_code == 405
