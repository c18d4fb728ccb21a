"""The vault gives back what was sealed, for the same purpose, and nothing else to anybody."""

from __future__ import annotations

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.foundation.vault import CannotUnseal, seal, unseal

OLD, NEW = "o" * 50, "n" * 50


@settings(max_examples=50)
@given(st.text())
def test_it_gives_back_what_was_sealed(text: str) -> None:
    sealed = seal(text, purpose="totp")
    assert sealed.isascii()
    assert unseal(sealed, purpose="totp") == text


def test_the_same_text_is_sealed_differently_each_time_and_stands_nowhere_in_it() -> None:
    first, second = seal("JBSWY3DPEHPK3PXP", purpose="totp"), seal("JBSWY3DPEHPK3PXP", purpose="totp")
    assert first != second
    assert "JBSWY3DPEHPK3PXP" not in first


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    with pytest.raises(CannotUnseal):
        unseal(seal("secret", purpose="totp"), purpose="pin")


def test_any_changed_character_is_noticed() -> None:
    sealed = seal("secret", purpose="totp")
    for index, character in enumerate(sealed):
        changed = sealed[:index] + ("A" if character != "A" else "B") + sealed[index + 1 :]
        with pytest.raises(CannotUnseal):
            unseal(changed, purpose="totp")


@pytest.mark.parametrize("sealed", ["", ".", "..", "v1", "v1..", "v2.x.y", "v1.0.é", "v1.0.====", "\x00", "x" * 10_000])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(CannotUnseal):
        unseal(sealed, purpose="totp")


def test_a_name_of_a_key_with_nothing_behind_it_is_refused() -> None:
    head = seal("secret", purpose="totp").rpartition(".")[0]
    for body in ("", "AAAA", "%%%%", "A"):
        with pytest.raises(CannotUnseal):
            unseal(f"{head}.{body}", purpose="totp")


def test_after_the_key_changed_the_old_one_opens_what_it_sealed_while_it_is_kept() -> None:
    with override_settings(SECRET_KEY=OLD):
        sealed = seal("secret", purpose="totp")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert unseal(sealed, purpose="totp") == "secret"
        assert seal("secret", purpose="totp").split(".")[1] != sealed.split(".")[1]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]), pytest.raises(CannotUnseal):
        unseal(sealed, purpose="totp")
