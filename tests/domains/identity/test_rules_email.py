"""E-mail addresses as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.identity.rules_email import InvalidAddress, address_of, masked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  Anna.Maria+abonent@Mail.EXAMPLE.ORG ", "anna.maria+abonent@mail.example.org"),
        ("mailto:anna@example.org", "anna@example.org"),
        ("<anna@example.org>", "anna@example.org"),
        ("anna@xn--e1afmkfd.xn--p1ai", "anna@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_it_understands_what_is_meant(typed: str, meant: str) -> None:
    assert address_of(typed) == meant


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("anna", "no_sign"),
        ("анна@example.org", "letters"),
        ("anna@пример.рф", "letters"),
        ("anna@", "impossible"),
        ("@example.org", "impossible"),
        ("anna@example", "impossible"),
        ("anna@@example.org", "impossible"),
        ("an na@example.org", "impossible"),
        ("anna@example.org, other@example.org", "impossible"),
        ("anna@example.org\r\nBcc: other@example.org", "impossible"),
        ("anna\x00@example.org", "impossible"),
        ("a" * 65 + "@example.org", "impossible"),
        ("a@" + "b" * 300 + ".org", "too_long"),
    ],
)
def test_it_says_what_is_wrong(typed: str, reason: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        address_of(typed)
    assert refused.value.reason == reason


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_any_text_is_an_address_or_is_refused_and_an_address_means_itself(typed: str) -> None:
    try:
        address = address_of(f"{typed}@example.org")
    except InvalidAddress:
        return
    assert address_of(address) == address == address.strip().lower()


def test_masked_it_is_known_to_its_owner_only() -> None:
    assert masked("anna.maria@example.org") == "a•••@example.org"
