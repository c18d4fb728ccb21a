"""Secrets that must be read again (never those that only must be compared): sealed with AES-256-GCM.

The key of each purpose is derived from SECRET_KEY, so what is sealed for one purpose opens for no other. A sealed text
names the format and the key it was made with: after SECRET_KEY changed, the keys of ABONENT_OLD_SECRET_KEYS still open
what they sealed, and whatever is sealed anew takes the present key.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FORMAT = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32
NAME_BYTES = 6


class CannotUnseal(Exception):
    """It was sealed for another purpose or with a key nobody has any more, or it was changed since."""


def seal(text: str, *, purpose: str) -> str:
    """Return `text` sealed for `purpose`: ASCII, different each time, `unseal` with the same purpose gives it back."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    hidden = AESGCM(_key(settings.SECRET_KEY, purpose)).encrypt(nonce, text.encode(), purpose.encode())
    return f"{head()}{base64.urlsafe_b64encode(nonce + hidden).decode()}"


def head() -> str:
    """Return how everything begins that is sealed with the present key: what begins otherwise can be sealed anew."""
    return f"{FORMAT}.{_name(settings.SECRET_KEY)}."


def unseal(sealed: str, *, purpose: str) -> str:
    """Return the text that was sealed for `purpose`; raise `CannotUnseal`."""
    form, _, rest = sealed.partition(".")
    name, _, body = rest.partition(".")
    keys = [key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if _name(key) == name]
    if form != FORMAT or not keys:
        raise CannotUnseal
    try:
        packed = base64.b64decode(body, altchars=b"-_", validate=True)
        if base64.urlsafe_b64encode(packed).decode() != body:
            # Bits that mean nothing were set: one text has one writing.
            raise CannotUnseal
        text = AESGCM(_key(keys[0], purpose)).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], purpose.encode())
    except (InvalidTag, binascii.Error, ValueError):
        raise CannotUnseal from None
    return text.decode()


def seal_bytes(content: bytes, *, purpose: str) -> bytes:
    """Return a file's content sealed for `purpose`, and little longer."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return (
        head().encode() + nonce + AESGCM(_key(settings.SECRET_KEY, purpose)).encrypt(nonce, content, purpose.encode())
    )


def unseal_bytes(sealed: bytes, *, purpose: str) -> bytes:
    """Return the content that was sealed for `purpose`; raise `CannotUnseal`."""
    form, name, packed = (*sealed.split(b".", 2), b"", b"")[:3]
    keys = [key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if _name(key).encode() == name]
    if form != FORMAT.encode() or not keys:
        raise CannotUnseal
    try:
        return AESGCM(_key(keys[0], purpose)).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError):
        raise CannotUnseal from None


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"abonent.vault|{purpose}".encode()).derive(secret.encode())


@lru_cache(maxsize=64)
def _name(secret: str) -> str:
    """Return what tells one key from another and says nothing about it."""
    return HKDF(SHA256(), NAME_BYTES, salt=None, info=b"abonent.vault name").derive(secret.encode()).hex()
