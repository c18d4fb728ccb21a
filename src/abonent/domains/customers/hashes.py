"""The server's key over what is known of customers: without it, what is kept checks nothing and tells nothing."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from abonent.domains.customers import rules


def hash_of(field: str, party_id: int, value: str) -> str:
    """Return the keyed hash of `value`, a document or code word in the form that `rules` compares."""
    return rules.keyed(_key(settings.SECRET_KEY), field, party_id, value)


@cache
def _key(secret: str) -> bytes:
    return salted_hmac("abonent.customers.identity", "", secret=secret, algorithm="sha256").digest()
