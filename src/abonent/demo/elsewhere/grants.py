"""Codes and tokens of the services: each code good once, for a minute, for who asked for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from abonent.demo.elsewhere.people import EVERYBODY, Somebody

CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(minutes=10)
KEY_ID = "demo"


class Refused(Exception):
    """The request proves nothing; the words are the protocol's own, as `invalid_grant`."""


@dataclass(frozen=True)
class Grant:
    """Who agreed to what: `client` and `redirect` must come back the same, `challenge` is the hash of a proof key."""

    service: str
    client: str
    redirect: str
    person: Somebody
    challenge: str
    nonce: str
    until: datetime


@dataclass
class Grants:
    """What one running service remembers, and the key it signs with."""

    issuer: str
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, tuple[str, Somebody, datetime]] = field(default_factory=dict)

    def give(self, service: str, asked: dict[str, str], person_id: str, now: datetime) -> str:
        """Return a code for who was chosen."""
        code = token_urlsafe(24)
        self.codes[code] = Grant(
            service, asked.get("client_id", ""), asked.get("redirect_uri", ""), EVERYBODY[person_id],
            asked.get("code_challenge", ""), asked.get("nonce", ""), now + CODE_LIFE,
        )  # fmt: skip
        return code

    def redeem(self, service: str, sent: dict[str, str], now: datetime) -> tuple[str, Grant]:
        """Use the code up and return a token; raise `Refused` unless it is whole, young and asked for by the same."""
        grant = self.codes.pop(sent.get("code", ""), None)
        if grant is None or grant.until <= now or grant.service != service:
            raise Refused("invalid_grant")
        if (sent.get("client_id"), sent.get("redirect_uri")) != (grant.client, grant.redirect):
            raise Refused("invalid_grant")
        if grant.challenge and not hmac.compare_digest(_challenge_of(sent.get("code_verifier", "")), grant.challenge):
            raise Refused("invalid_grant")
        token = token_urlsafe(24)
        self.tokens[token] = (service, grant.person, now + TOKEN_LIFE)
        return token, grant

    def person_of(self, service: str, token: str, now: datetime) -> Somebody:
        """Return whose token it is, or raise `Refused`."""
        found = self.tokens.get(token)
        if found is None or found[0] != service or found[2] <= now:
            raise Refused("invalid_token")
        return found[1]

    def id_token(self, grant: Grant, now: datetime) -> str:
        """Return what OpenID Connect says of the person, signed."""
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": grant.person.id,
            "aud": grant.client,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFE).timestamp()),
        }
        if grant.nonce:
            claims["nonce"] = grant.nonce
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def public_keys(self) -> dict[str, Any]:
        """Return what the signature is checked with."""
        key = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


def _challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
