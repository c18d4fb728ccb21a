"""The services that the demo plays: as strict as real ones, so that what passes here passes there."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine

from abonent.demo.elsewhere.app import Services
from abonent.foundation.clock import now

BACK = "http://localhost:8000/login/with/other/callback/"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "demo-other", "redirect_uri": BACK, "response_type": "code", "state": "s", "nonce": "n",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip
TOKEN = {
    "client_id": "demo-other", "client_secret": "demo-other-secret", "redirect_uri": BACK,
    "grant_type": "authorization_code", "code_verifier": VERIFIER,
}  # fmt: skip


@pytest.fixture
def services() -> Services:
    return Services("http://localhost:8002")


def call(services: Services, method: str, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str, bytes]:
    """Return status, where it leads, and the body."""
    written = urlencode(fields)
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, **headers}
    if method == "POST":
        environ |= {"wsgi.input": io.BytesIO(written.encode()), "CONTENT_LENGTH": str(len(written))}
    else:
        environ["QUERY_STRING"] = written
    told: dict[str, Any] = {}

    def start(status: str, given: list[tuple[str, str]]) -> None:
        told.update(status=int(status[:3]), headers=dict(given))

    body = b"".join(services(environ, start))
    return told["status"], told["headers"].get("Location", ""), body


def code(services: Services) -> str:
    _, location, _ = call(services, "POST", "/openid/authorize", ASKED | {"person": "100000001"})
    return parse_qs(urlsplit(location).query)["code"][0]


def test_a_code_is_good_once(services: Services) -> None:
    given = code(services)
    status, _, body = call(services, "POST", "/openid/token", TOKEN | {"code": given})
    assert status == 200
    assert set(json.loads(body)) >= {"access_token", "id_token"}
    assert call(services, "POST", "/openid/token", TOKEN | {"code": given})[0] == 400


@pytest.mark.parametrize(
    "change",
    [{"code_verifier": "x"}, {"code_verifier": ""}, {"client_id": "x"}, {"client_secret": "x"}, {"redirect_uri": "x"},
     {"code": "x"}],
)  # fmt: skip
def test_a_code_is_for_who_asked_for_it(services: Services, change: dict[str, str]) -> None:
    status, _, body = call(services, "POST", "/openid/token", TOKEN | {"code": code(services)} | change)
    assert status == 400
    assert b"access_token" not in body


def test_a_code_lives_a_minute(services: Services) -> None:
    given = code(services)
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert call(services, "POST", "/openid/token", TOKEN | {"code": given})[0] == 400


@pytest.mark.parametrize(
    "change",
    [{"redirect_uri": "https://evil.test/login/with/other/callback/"}, {"redirect_uri": f"{BACK}x"}, {"client_id": "x"},
     {"redirect_uri": BACK.replace("other", "vk")}, {"response_type": "token"}, {"code_challenge": ""},
     {"code_challenge_method": "plain"}],
)  # fmt: skip
def test_nobody_is_asked_anything_for_a_stranger(services: Services, change: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        status, location, body = call(services, method, "/openid/authorize", ASKED | {"person": "100000001"} | change)
        assert (status, location) == (400, "")
        assert "Вера".encode() not in body


def test_it_says_plainly_that_it_is_fictional_in_both_languages(services: Services) -> None:
    russian = call(services, "GET", "/openid/authorize", ASKED)[2].decode()
    english = call(services, "GET", "/openid/authorize", ASKED | {"ui_locales": "en"})[2].decode()
    assert "вымышленный сервис" in russian
    assert "fictional service" in english


def test_what_comes_in_is_shown_as_it_is(services: Services) -> None:
    page = call(services, "GET", "/openid/authorize", ASKED | {"state": '"><script>alert(1)</script>'})[2].decode()
    assert "<script>" not in page


def test_a_call_to_odnoklassniki_is_signed(services: Services) -> None:
    fields = {"method": "users.getCurrentUser", "access_token": "x", "application_key": "demo-ok-key", "sig": "0" * 32}
    assert json.loads(call(services, "GET", "/ok/fb.do", fields)[2])["error_code"] == 104


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_elsewhere_there_is_nothing(services: Services, method: str) -> None:
    assert call(services, method, "/", {})[0] == 404
    assert call(services, "GET", "/openid/userinfo", {}, HTTP_AUTHORIZATION="Bearer x")[0] == 400
