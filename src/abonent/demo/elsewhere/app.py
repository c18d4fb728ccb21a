"""A WSGI application that plays an OpenID Connect provider and speaks like VK ID and Odnoklassniki.

Each as its documentation says: VK ID asks for a proof key and a device id, Odnoklassniki for signed calls.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode

from abonent.demo.elsewhere import pages
from abonent.demo.elsewhere.grants import TOKEN_LIFE, Grants, Refused
from abonent.demo.elsewhere.people import EVERYBODY
from abonent.foundation.clock import now

BODY_MAX = 16 * 1024
# Who may ask, by service: the client, its secret and where it may be led back to.
CLIENTS = {
    "openid": ("demo-other", "demo-other-secret", "other"),
    "vk": ("demo-vk", "demo-vk-secret", "vk"),
    "ok": ("demo-ok", "demo-ok-secret", "odnoklassniki"),
}
OK_PUBLIC_KEY = "demo-ok-key"

Start = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Asked:
    """A request: `fields` are those of its form, or of its address when it has none."""

    method: str
    path: str
    fields: dict[str, str]
    bearer: str
    language: str


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: str
    kind: str
    body: bytes
    location: str = ""


class Services:
    """The application; `address` is where it is reached."""

    def __init__(self, address: str) -> None:
        self.issuer = f"{address}/openid"
        self.grants = Grants(self.issuer)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        asked = _asked(environ)
        try:
            answer = self._answer(asked)
        except Refused as refused:
            answer = _json({"error": str(refused)}, "400 Bad Request")
        headers = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"),
        ]
        if answer.location:
            headers.append(("Location", answer.location))
        start(answer.status, headers)
        return [answer.body]

    def _answer(self, asked: Asked) -> Answer:
        ways: dict[tuple[str, str], Callable[[Asked], Answer]] = {
            ("GET", "/style.css"): lambda _: Answer("200 OK", "text/css", pages.STYLE.encode()),
            ("GET", "/openid/.well-known/openid-configuration"): lambda _: _json(self._description()),
            ("GET", "/openid/jwks"): lambda _: _json(self.grants.public_keys()),
            ("POST", "/openid/token"): self._openid_token,
            ("GET", "/openid/userinfo"): self._openid_person,
            ("POST", "/vk/oauth2/auth"): self._vk_token,
            ("POST", "/vk/oauth2/user_info"): self._vk_person,
            ("POST", "/ok/oauth/token.do"): self._ok_token,
            ("GET", "/ok/fb.do"): self._ok_person,
        }
        for method in ("GET", "POST"):
            ways |= {
                (method, "/openid/authorize"): lambda asked: self._authorize("openid", asked, {"iss": self.issuer}),
                (method, "/vk/authorize"): lambda asked: self._authorize("vk", asked, _of_vk_id()),
                (method, "/ok/oauth/authorize"): lambda asked: self._authorize("ok", asked, {}),
            }
        way = ways.get((asked.method, asked.path))
        if way is None:
            return Answer("404 Not Found", "text/html; charset=utf-8", pages.wrong(asked.language).encode())
        return way(asked)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _authorize(self, service: str, asked: Asked, also: dict[str, str]) -> Answer:
        client, _, login = CLIENTS[service]
        fields = asked.fields
        back = fields.get("redirect_uri", "")
        known = re.fullmatch(rf"http://(localhost|127\.0\.0\.1)(:\d+)?/login/with/{login}/callback/", back)
        # Only VK ID and OpenID Connect know proof keys; where one is missing there, nobody is asked anything.
        proof = service == "ok" or (fields.get("code_challenge_method") == "S256" and fields.get("code_challenge"))
        if not (known and proof and fields.get("client_id") == client and fields.get("response_type") == "code"):
            body = pages.wrong(asked.language).encode()
            return Answer("400 Bad Request", "text/html; charset=utf-8", body)
        if asked.method != "POST":
            return Answer("200 OK", "text/html; charset=utf-8", pages.chooser(asked.language, fields).encode())
        person = fields.get("person", "")
        told = {"state": fields.get("state", "")}
        if person in EVERYBODY:
            told |= {"code": self.grants.give(service, fields, person, now())} | also
        else:
            told |= {"error": "access_denied"}
        return Answer("303 See Other", "text/plain", b"", f"{back}?{urlencode(told)}")

    def _openid_token(self, asked: Asked) -> Answer:
        _check_client("openid", asked.fields)
        token, grant = self.grants.redeem("openid", asked.fields, now())
        return _json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": int(TOKEN_LIFE.total_seconds()),
                "id_token": self.grants.id_token(grant, now()),
            }
        )

    def _openid_person(self, asked: Asked) -> Answer:
        person = self.grants.person_of("openid", asked.bearer, now())
        return _json(
            {
                "sub": person.id,
                "name": person.name,
                "given_name": person.given_name,
                "family_name": person.family_name,
            }
        )

    def _vk_token(self, asked: Asked) -> Answer:
        if not asked.fields.get("device_id"):
            raise Refused("invalid_request")
        token, grant = self.grants.redeem("vk", asked.fields, now())
        return _json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": int(TOKEN_LIFE.total_seconds()),
                "user_id": int(grant.person.id),
                "state": asked.fields.get("state", ""),
                "scope": "vkid.personal_info",
            }
        )

    def _vk_person(self, asked: Asked) -> Answer:
        if asked.fields.get("client_id") != CLIENTS["vk"][0]:
            raise Refused("invalid_client")
        person = self.grants.person_of("vk", asked.fields.get("access_token", ""), now())
        told = {
            "user_id": person.id,
            "first_name": person.given_name,
            "last_name": person.family_name,
            "verified": False,
        }
        return _json({"user": told})

    def _ok_token(self, asked: Asked) -> Answer:
        _check_client("ok", asked.fields)
        token, _ = self.grants.redeem("ok", asked.fields, now())
        return _json({"access_token": token, "token_type": "session", "expires_in": "1800"})

    def _ok_person(self, asked: Asked) -> Answer:
        fields = asked.fields
        token = fields.get("access_token", "")
        signed = "".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in ("access_token", "sig"))
        secret = _md5(f"{token}{CLIENTS['ok'][1]}")
        whole = hmac.compare_digest(_md5(f"{signed}{secret}"), fields.get("sig", ""))
        if not whole or fields.get("application_key") != OK_PUBLIC_KEY:
            return _json({"error_code": 104, "error_msg": "PARAM_SIGNATURE : Invalid signature"})
        person = self.grants.person_of("ok", token, now())
        return _json({"uid": person.id, "first_name": person.given_name, "last_name": person.family_name})


def _of_vk_id() -> dict[str, str]:
    return {"device_id": token_urlsafe(12), "type": "code_v2"}


def _check_client(service: str, fields: dict[str, str]) -> None:
    client, secret, _ = CLIENTS[service]
    if fields.get("client_id") != client or not hmac.compare_digest(
        fields.get("client_secret", "").encode(), secret.encode()
    ):
        raise Refused("invalid_client")


def _asked(environ: dict[str, Any]) -> Asked:
    method = str(environ["REQUEST_METHOD"])
    length = str(environ.get("CONTENT_LENGTH") or "0")
    written = str(environ.get("QUERY_STRING", ""))
    if method == "POST":
        body: bytes = environ["wsgi.input"].read(min(int(length), BODY_MAX) if length.isdecimal() else 0)
        written = body.decode("ascii", "replace")
    fields = dict(parse_qsl(written, keep_blank_values=True, max_num_fields=None)[:50])
    scheme, _, bearer = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    wished = fields.get("ui_locales") or str(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    return Asked(
        method=method,
        path=str(environ.get("PATH_INFO", "")),
        fields=fields,
        bearer=bearer if scheme.lower() == "bearer" else "",
        language="en" if wished.lower().startswith("en") else "ru",
    )


def _json(document: object, status: str = "200 OK") -> Answer:
    return Answer(status, "application/json", json.dumps(document, ensure_ascii=False).encode())


def _md5(text: str) -> str:
    # As Odnoklassniki wants it; nothing of ours hangs on it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
