"""Authenticator apps and devices with passkeys, as people hold them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from abonent.domains.identity import actions, models, passkeys
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.identity.passkeys import Site
from abonent.foundation.clock import now

SITE = Site("testserver", "http://testserver", "Орбита")


def account() -> int:
    """Return a new account."""
    return actions.open_account(language="ru")


def totp_code(account_id: int, at: datetime, steps: int = 0) -> str:
    """Return what the account's authenticator app shows at `at`, `steps` of 30 seconds later."""
    row = models.Totp.objects.get(account_id=account_id)
    secret = base64.b32decode(factors.vault.unseal(row.secret, purpose=factors.TOTP_PURPOSE))
    return factor_rules.totp(secret, factor_rules.step_of(at) + steps)


def wrong_code(account_id: int, at: datetime) -> str:
    """Return a code of none of the steps around `at`."""
    right = {totp_code(account_id, at, steps) for steps in (-2, -1, 0, 1, 2)}
    return next(code for code in map("{:06}".format, range(10)) if code not in right)


def with_totp(account_id: int, at: datetime | None = None) -> int:
    """Give the account an authenticator app, confirmed a minute ago; return the account."""
    at = at or now()
    factors.start_totp(account_id=account_id, at=at)
    factors.confirm_totp(account_id=account_id, typed=totp_code(account_id, at, -1), at=at)
    models.Totp.objects.filter(account_id=account_id).update(last_step=0)
    return account_id


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


@dataclass
class Authenticator:
    """A device that holds one passkey; it does what it is told, a liar's wishes included."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    count: int = 0
    counts: bool = True
    handle: str = ""

    def make(self, options: str, *, origin: str = SITE.origin, flags: int = 0x45, **changes: Any) -> str:
        """Answer what `passkeys.making` asked."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public)
        data = self._data(changes.pop("domain", asked["rp"]["id"]), flags) + attested
        response = {
            "clientDataJSON": self._client("webauthn.create", asked["challenge"], origin, changes),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid"],
        }
        return self._answer(response)

    def use(self, options: str, *, origin: str = SITE.origin, flags: int = 0x05, **changes: Any) -> str:
        """Answer what `passkeys.asking` asked."""
        asked = json.loads(options)
        self.count += self.counts
        data = self._data(changes.pop("domain", asked["rpId"]), flags)
        client = self._client("webauthn.get", asked["challenge"], origin, changes)
        signed = data + hashlib.sha256(unb64(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": b64(data),
            "signature": b64(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": self.handle,
        }
        return self._answer(response)

    def _data(self, domain: str, flags: int) -> bytes:
        return hashlib.sha256(domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str, changes: dict[str, Any]) -> str:
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | changes
        return b64(json.dumps(said).encode())

    def _answer(self, response: dict[str, Any]) -> str:
        name = b64(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def with_passkey(account_id: int, device: Authenticator | None = None, site: Site = SITE) -> Authenticator:
    """Give the account a passkey on `device`; return the device."""
    device = device or Authenticator()
    challenge = passkeys.new_challenge()
    options = passkeys.making(account_id=account_id, site=site, person="+79000000001", challenge=challenge)
    made = device.make(options, origin=site.origin)
    passkeys.add(account_id=account_id, answer=made, challenge=challenge, site=site, name="Телефон", at=now())
    return device
