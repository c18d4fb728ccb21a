"""What comes back from a service may be anybody's: nobody gets in by it, and nothing changes."""

from __future__ import annotations

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from abonent.demo.elsewhere.app import Answer, Asked, _json
from abonent.demo.elsewhere.grants import KEY_ID
from abonent.domains.identity.models import Account, SignIn
from abonent.domains.identity.models_federation import Link
from abonent.entrypoints.portal.identity.federation.calls import AT_ONCE
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.federation.conftest import LEV, VERA, Played, Traveller, address_of
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db


def nothing_happened(client: Client) -> None:
    assert SESSION_KEY not in client.session
    assert "waiting_login" not in client.session
    assert Link.objects.count() == SignIn.objects.count() == Account.objects.count() == 0


def token(services: Played, change: dict[str, Any] | None = None, *, drop: str = "", **signing: Any) -> Any:
    """Return a token endpoint that hands out an ID token with other claims, or signed otherwise."""

    def answer(asked: Asked) -> Answer:
        access, grant = services.grants.redeem("openid", asked.fields, now())
        claims = jwt.decode(services.grants.id_token(grant, now()), options={"verify_signature": False})
        claims = {name: value for name, value in (claims | (change or {})).items() if name != drop}
        key = signing.get("key", services.grants.key)
        algorithm, kid = signing.get("algorithm", "RS256"), signing.get("kid", KEY_ID)
        made = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})
        return _json({"access_token": access, "token_type": "Bearer", "id_token": made})

    return answer


def shared_secret(services: Played) -> bytes:
    return services.grants.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


LIES: dict[str, Any] = {
    "another issuer": lambda s: token(s, {"iss": "http://evil.test"}),
    "another audience": lambda s: token(s, {"aud": "somebody-else"}),
    "several audiences": lambda s: token(s, {"aud": ["demo-other", "somebody-else"]}),
    "given to another": lambda s: token(s, {"azp": "somebody-else"}),
    "over": lambda s: token(s, {"exp": 1}),
    "no end": lambda s: token(s, drop="exp"),
    "no person": lambda s: token(s, drop="sub"),
    "another nonce": lambda s: token(s, {"nonce": "x"}),
    "no nonce": lambda s: token(s, drop="nonce"),
    "another key": lambda s: token(s, key=rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "an unknown key": lambda s: token(s, kid="other"),
    "unsigned": lambda s: token(s, key=None, algorithm="none"),
    "signed by what everybody knows": lambda s: token(s, key=shared_secret(s), algorithm="HS256"),
    "signed by the shared secret": lambda s: token(s, key="demo-other-secret" * 3, algorithm="HS256"),
    "another person": lambda s: token(s, {"sub": LEV}),
    "no token": lambda s: {"access_token": "x", "token_type": "Bearer"},
    "no text": lambda s: {"access_token": "x", "id_token": 5},
    "rubbish": lambda s: {"access_token": "x", "id_token": "a.b.c"},
    "an error": lambda s: Answer("400 Bad Request", "application/json", b'{"error": "invalid_grant"}'),
    "no object": lambda s: [1, 2],
    "not even JSON": lambda s: Answer("200 OK", "application/json", b'{"'),
    "too much": lambda s: Answer("200 OK", "application/json", b'{"access_token": "' + b"x" * 400_000 + b'"}'),
    "a way elsewhere": lambda s: Answer("302 Found", "text/plain", b"", "http://evil.test/"),
    "broken": lambda s: Answer("500 Oops", "text/plain", b"oops"),
}


@pytest.mark.parametrize("lie", LIES)
def test_id_14_an_answer_that_proves_nothing_lets_nobody_in(services: Played, traveller: Traveller, lie: str) -> None:
    services.lies["/openid/token"] = LIES[lie](services)
    answer = traveller.go("other")
    assert answer.status_code == 502, lie
    assert "ничего не изменилось" in answer.content.decode().lower()
    nothing_happened(traveller.client)


PEOPLE: list[Any] = [
    {}, {"sub": LEV}, {"sub": None}, {"sub": ["100000001"]}, [], "x", None, {"sub": VERA * 100},
    Answer("401 Unauthorized", "application/json", b"{}"), Answer("200 OK", "text/html", b"<html>"),
    Answer("200 OK", "application/json", b"\xff\xfe"), Answer("200 OK", "application/json", b"[" * 100_000),
]  # fmt: skip


@pytest.mark.parametrize("person", PEOPLE, ids=range(len(PEOPLE)))
@pytest.mark.parametrize(
    ("service", "address"),
    [("other", "/openid/userinfo"), ("vk", "/vk/oauth2/user_info"), ("odnoklassniki", "/ok/fb.do")],
)
def test_id_14_a_strange_person_lets_nobody_in(
    services: Played, traveller: Traveller, service: str, address: str, person: Any
) -> None:
    services.lies[address] = lambda _: person if isinstance(person, Answer) else _json(person)
    answer = traveller.go(service)
    assert answer.status_code == 502
    nothing_happened(traveller.client)


DESCRIPTIONS: list[Any] = [
    {}, [], "x", {"issuer": "http://evil.test"}, Answer("500 Oops", "text/plain", b""),
    Answer("302 Found", "text/plain", b"", "http://evil.test/"),
]  # fmt: skip


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=range(len(DESCRIPTIONS)))
def test_id_14_a_service_that_is_down_or_another_is_said(services: Played, description: Any) -> None:
    services.lies["/openid/.well-known/openid-configuration"] = lambda _: (
        description if isinstance(description, Answer) else _json(description)
    )
    client = Client(HTTP_HOST="localhost")
    answer = client.post("/login/with/other/")
    assert answer.status_code == 502
    assert "ничего не изменилось" in answer.content.decode().lower()
    nothing_happened(client)


def test_id_14_a_description_of_an_unsafe_connection_is_refused() -> None:
    from allauth.socialaccount.providers.oauth2.client import OAuth2Error

    from abonent.entrypoints.portal.identity.federation.protocols import ENDPOINTS, check_description

    whole = {"issuer": "https://id.example"} | {name: f"https://id.example/{name}" for name in ENDPOINTS}
    check_description(whole, "https://id.example")
    for change in ({"issuer": "https://id.example/"}, {"token_endpoint": "http://id.example/"}, {"jwks_uri": ""}):
        with pytest.raises(OAuth2Error):
            check_description(whole | change, "https://id.example")


@pytest.mark.parametrize("service", ["vk", "odnoklassniki", "other"])
def test_id_14_a_refusal_at_the_service_is_said_and_changes_nothing(
    services: Played, traveller: Traveller, service: str
) -> None:
    answer = traveller.go(service, person="")
    assert answer.status_code == 200
    assert "не разрешили" in answer.content.decode()
    nothing_happened(traveller.client)


def test_id_14_an_answer_counts_once_and_in_its_own_browser(services: Played, traveller: Traveller) -> None:
    back = traveller.choose(traveller.leave("other"))
    stranger = Client(HTTP_HOST="localhost")
    assert stranger.get(back).status_code == 400
    nothing_happened(stranger)
    assert traveller.client.get(back).status_code == 302
    assert traveller.client.get(back).status_code == 400
    assert services.calls.count("/openid/token") == 1


def test_id_14_the_answer_of_one_service_is_none_of_another(services: Played, traveller: Traveller) -> None:
    back = traveller.choose(traveller.leave("other"))
    assert traveller.client.get(back.replace("/other/", "/vk/")).status_code == 400
    assert "/vk/oauth2/auth" not in services.calls
    nothing_happened(traveller.client)


def test_id_14_an_answer_that_names_another_issuer_is_none(services: Played, traveller: Traveller) -> None:
    back = traveller.choose(traveller.leave("other"))
    parts = dict(parse_qs(urlsplit(back).query))
    assert parts["iss"]
    wrong = back.replace("openid", "elsewhere")
    assert wrong != back
    assert traveller.client.get(wrong).status_code == 502
    nothing_happened(traveller.client)


def test_id_14_a_stolen_code_is_worth_nothing_without_the_proof_key(services: Played, traveller: Traveller) -> None:
    victim = Traveller()
    stolen = parse_qs(urlsplit(victim.choose(victim.leave("other"))).query)["code"][0]
    own = traveller.choose(traveller.leave("other"), LEV)
    mixed = own.replace(parse_qs(urlsplit(own).query)["code"][0], stolen)
    assert traveller.client.get(mixed).status_code == 502
    nothing_happened(traveller.client)


@pytest.mark.parametrize("service", ["vk", "odnoklassniki", "other"])
def test_id_14_every_service_gets_a_proof_key_and_a_state(services: Played, traveller: Traveller, service: str) -> None:
    asked = parse_qs(urlsplit(traveller.leave(service)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 16
    assert "email" not in asked.get("scope", [""])[0]
    assert asked["redirect_uri"] == [f"http://localhost/login/with/{service}/callback/"]


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied", "?state=x&error=access_denied",
     "?code=%00&state=%00", "?state=" + "a" * 5000, "?code=x&state=x&state=y"],
)  # fmt: skip
@pytest.mark.parametrize("service", ["vk", "odnoklassniki", "other"])
def test_id_14_an_answer_to_no_question_is_none(services: Played, service: str, query: str) -> None:
    client = Client(HTTP_HOST="localhost")
    assert client.get(f"/login/with/{service}/callback/{query}").status_code == 400
    nothing_happened(client)
    assert services.calls == []


def test_id_14_only_services_of_the_settings_have_addresses(services: Played) -> None:
    client = Client(HTTP_HOST="localhost")
    for service in ("facebook", "microsoft", "google", "x", "openid_connect"):
        for address in (f"/login/with/{service}/", f"/login/with/{service}/callback/?state=x"):
            assert client.get(address).status_code == 404
        assert client.post(f"/login/with/{service}/").status_code == 404
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/social/connections/", "/social/signup/",
                    "/login/with/vk/login/", "/accounts/vk/login/", "/accounts/email/"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_id_14_leaving_asks_for_a_form_with_its_token(services: Played) -> None:
    assert Client(enforce_csrf_checks=True).post("/login/with/other/").status_code == 403
    client = Client(HTTP_HOST="localhost")
    assert client.get("/login/with/other/")["Location"] == "/login/"
    assert services.calls == []
    nothing_happened(client)


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "\x00"])
def test_id_14_the_way_back_leads_to_no_other_site(services: Played, traveller: Traveller, wanted: str) -> None:
    assert traveller.go("other", wanted=wanted)["Location"] == "/login/linking/?next=%2Fhome%2F"


def test_id_14_what_is_added_to_the_address_changes_nothing(services: Played) -> None:
    client = Client(HTTP_HOST="localhost")
    page = client.post("/login/with/other/?process=connect&scope=email&auth_params=prompt%3Dnone&next=//evil.test")
    said = address_of(page)
    assert "prompt" not in said
    assert "evil.test" not in said
    assert "email" not in said


def test_id_14_a_name_with_markup_is_shown_as_it_is(services: Played, traveller: Traveller) -> None:
    services.lies["/openid/userinfo"] = {"sub": VERA, "name": "<script>alert(1)</script>\u202e"}
    page = traveller.client.get(traveller.go("other")["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_session_fixation_the_session_of_the_way_there_is_another_afterwards(
    services: Played, traveller: Traveller
) -> None:
    line = lines.line(number="+79000000001")
    traveller.go("other")
    identity.sign_in(traveller.client, line)
    traveller.client.post("/logout/")
    address = traveller.leave("other")
    before = traveller.client.session.session_key
    traveller.client.get(traveller.choose(address))
    assert traveller.client.session.session_key != before
    assert SESSION_KEY in traveller.client.session


@pytest.mark.django_db(transaction=True)
def test_id_14_of_many_answers_with_one_state_one_counts(services: Played, traveller: Traveller) -> None:
    back = traveller.choose(traveller.leave("other"))
    cookies = traveller.client.cookies

    def answer(_: int) -> int:
        client = Client(HTTP_HOST="localhost")
        client.cookies = cookies
        try:
            return client.get(back).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        codes = list(threads.map(answer, range(6)))
    assert services.calls.count("/openid/token") == 1, codes


def test_the_unsigned_token_of_the_test_is_one() -> None:
    made = jwt.encode({"sub": "1"}, None, algorithm="none")  # type: ignore[arg-type]
    assert json.loads(base64.urlsafe_b64decode(made.split(".")[0] + "=="))["alg"] == "none"


@pytest.mark.django_db(transaction=True)
def test_a_service_that_hangs_leaves_threads_for_everybody_else(services: Played) -> None:
    """Denial of service: of the threads that answer people, two at most wait for another's server."""
    hangs, answered = threading.Event(), threading.Event()

    def never(_: Asked) -> Answer:
        hangs.set()
        answered.wait(4)
        return _json({})

    services.lies["/openid/.well-known/openid-configuration"] = never

    def start(_: int) -> tuple[int, float]:
        began = time.monotonic()
        try:
            return Client(HTTP_HOST="localhost").post("/login/with/other/").status_code, time.monotonic() - began
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        waiting = [threads.submit(start, turn) for turn in range(6)]
        hangs.wait(5)
        refused = []
        for one in as_completed(waiting):
            refused.append(one.result())
            if len(refused) == 6 - AT_ONCE:
                answered.set()
    assert [code for code, _ in refused] == [502] * 6
    assert all(seconds < 3 for _, seconds in refused[: 6 - AT_ONCE])
    assert services.calls.count("/openid/.well-known/openid-configuration") <= AT_ONCE
