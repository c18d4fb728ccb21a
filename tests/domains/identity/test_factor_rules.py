"""Codes of authenticator apps as the RFC has them, recovery codes as people type them, pauses as they grow."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from abonent.domains.identity.factors import rules
from abonent.domains.identity.factors.rules import Kind
from abonent.domains.identity.policy import CLASSIC, MODERN

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECRET = b"12345678901234567890"
# RFC 6238, appendix B.
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize(("seconds", "sha1", "sha256", "sha512"), VECTORS)
def test_id_15_a_code_is_what_the_rfc_says(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    step = rules.step_of(datetime.fromtimestamp(seconds, UTC))
    assert rules.totp(SECRET, step, 8) == sha1
    assert rules.totp(SECRET, step) == sha1[-6:]
    assert rules.totp((SECRET * 2)[:32], step, 8, hashlib.sha256) == sha256
    assert rules.totp((SECRET * 4)[:64], step, 8, hashlib.sha512) == sha512


@pytest.mark.parametrize("off", range(-4, 5))
def test_a_code_counts_one_step_early_or_late_and_no_more(off: int) -> None:
    step = rules.step_of(NOW) + off
    assert rules.step_proven(SECRET, rules.totp(SECRET, step), NOW) == (step if abs(off) <= 1 else None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("K7QPM-2XV9A", "K7QPM2XV9A"),
        (" k7qpm 2xv9a ", "K7QPM2XV9A"),
        ("K7QPM—2XV9A", "K7QPM2XV9A"),
        ("K7QPM2XVO1", "K7QPM2XV01"),
        ("ooooo-lllii", "0000011111"),
        # Typed with the Russian keyboard on, by the shape of the letters.
        ("К7QРМ-2ХV9А", "K7QPM2XV9A"),
        ("K7QPM", None),
        ("K7QPM-2XV9AA", None),
        ("K7QPM-2XV9U", None),
        ("K7QPM-2XV9Ж", None),
        ("", None),
        ("٣" * 10, None),
        ("\x00" * 10, None),
    ],
)
def test_a_recovery_code_is_understood_however_it_is_typed(typed: str, meant: str | None) -> None:
    assert rules.recovery_code_typed(typed) == meant


def test_a_recovery_code_is_shown_in_two_halves_and_understood_again() -> None:
    assert rules.recovery_code_shown("K7QPM2XV9A") == "K7QPM-2XV9A"
    assert rules.recovery_code_typed(rules.recovery_code_shown("K7QPM2XV9A")) == "K7QPM2XV9A"


def test_pauses_begin_after_the_fifth_wrong_one_and_double_up_to_a_day() -> None:
    minutes = [rules.pause_after(wrong) // timedelta(minutes=1) for wrong in range(4, 20)]
    assert minutes[:6] == [0, 5, 10, 20, 40, 80]
    assert max(minutes) == minutes[-1] == 24 * 60
    assert rules.pause_after(10**9) == timedelta(days=1)


def test_ten_wrong_ones_a_day_are_the_end_of_the_day() -> None:
    failures = [NOW - timedelta(hours=23) + timedelta(hours=2) * n for n in range(10)]
    until = rules.next_try_at(failures=failures, failures_in_a_row=1, now=NOW)
    assert until == failures[0] + timedelta(days=1)
    assert rules.next_try_at(failures=failures[1:], failures_in_a_row=1, now=NOW) == NOW
    assert rules.next_try_at(failures=[], failures_in_a_row=50, now=NOW) == NOW


def test_staff_must_have_a_second_factor_and_companies_by_policy() -> None:
    assert all(rules.second_factor_required(Kind.STAFF, policy) for policy in (MODERN, CLASSIC))
    assert rules.second_factor_required(Kind.COMPANY, MODERN)
    assert not rules.second_factor_required(Kind.COMPANY, CLASSIC)
    assert not any(rules.second_factor_required(Kind.PERSON, policy) for policy in (MODERN, CLASSIC))
