"""The server's key over what is known of customers: without it, what is kept checks nothing and tells nothing."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from abonent.domains.customers import rules


def hash_of(field: str, party_id: int, value: str) -> str:
    """Return the keyed hash of `value`, a document or code word in the form that `rules` compares."""
    return rules.keyed(_key(settings.SECRET_KEY), field, party_id, value)


def is_hash_of(kept: str, field: str, party_id: int, value: str) -> bool:
    """Return whether `kept` was made of `value`, with today's key or one used before; the same work either way."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    same = [rules.is_same(kept, rules.keyed(_key(secret), field, party_id, value)) for secret in keys]
    return any(same)


@cache
def _key(secret: str) -> bytes:
    return salted_hmac("abonent.customers.identity", "", secret=secret, algorithm="sha256").digest()
