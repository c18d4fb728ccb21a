"""What staff may do and what proves a customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.support import rules
from abonent.domains.support.rules import (
    AFTER,
    NEEDS,
    PERMISSIONS,
    Contact,
    Deed,
    Permission,
    Question,
    Refusal,
    Role,
    Standing,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
READY = Standing(
    closed=False, checked_until=NOW + timedelta(minutes=1), done=frozenset(Deed), held=False, approved=True
)
ALL = frozenset(Permission)


def refusal(deed: Deed, standing: Standing, *, may: frozenset[Permission] = ALL, contact: Contact = Contact.VISIT):
    return rules.refusal_of(deed, permissions=may, contact=contact, standing=standing, now=NOW)


@pytest.mark.parametrize("deed", Deed)
def test_id_10_a_deed_needs_its_permission_an_open_case_and_a_check(deed: Deed) -> None:
    assert refusal(deed, READY) is None
    assert refusal(deed, READY, may=ALL - {NEEDS[deed]}) is Refusal.NOT_ALLOWED
    assert refusal(deed, replace(READY, closed=True)) is Refusal.CLOSED
    assert refusal(deed, replace(READY, checked_until=None)) is Refusal.NOT_CHECKED
    assert refusal(deed, replace(READY, checked_until=NOW)) is Refusal.NOT_CHECKED


@pytest.mark.parametrize("deed", AFTER)
def test_id_11_the_shop_goes_step_by_step_and_only_with_the_person_there(deed: Deed) -> None:
    assert refusal(deed, replace(READY, done=frozenset())) is Refusal.NOT_IN_ORDER
    assert refusal(deed, READY, contact=Contact.CALL) is Refusal.NOT_ALLOWED


def test_two_are_needed_where_the_sim_changed_lately_or_the_deed_is_dangerous() -> None:
    for deed in Deed:
        alone = replace(READY, approved=False)
        needs = refusal(deed, alone) is Refusal.NEEDS_APPROVAL
        assert needs == (deed in {Deed.UNPROTECT, Deed.FACTORS})
        held = refusal(deed, replace(alone, held=True)) is Refusal.NEEDS_APPROVAL
        assert held == (deed in {Deed.UNPROTECT, Deed.FACTORS, Deed.PASSWORD_SMS, Deed.SIM, Deed.ENVELOPE, Deed.FOUND})


def test_nobody_who_acts_for_customers_can_agree_with_it() -> None:
    acts = {role for role, may in PERMISSIONS.items() if may & set(NEEDS.values())}
    assert acts == {Role.CONTACT_CENTRE, Role.SHOP}
    assert not [role for role in acts if Permission.APPROVE in PERMISSIONS[role]]
    assert rules.permissions_of(["no such role"]) == frozenset()


@given(st.sets(st.sampled_from(Question)))
@settings(max_examples=40)
def test_two_right_answers_prove_one_of_them_of_document_or_code_word(right: set[Question]) -> None:
    strong = right & {Question.CODE_WORD, Question.DOCUMENT_TAIL}
    assert rules.proves(right) == (len(right) >= 2 and bool(strong))


@pytest.mark.parametrize(
    ("typed", "minor", "same"),
    [
        ("500", 50_000, True), ("500 рублей", 50_000, True), ("1 500,50 ₽", 150_050, True), ("500.5", 50_050, True),
        ("500", 50_050, True), ("500,00", 50_050, False), ("501", 50_000, False), ("", 50_000, False),
        ("пятьсот", 50_000, False), ("500", None, False), ("9" * 90, 50_000, False),
    ],
)  # fmt: skip
def test_a_sum_is_understood_as_people_say_it(typed: str, minor: int | None, same: bool) -> None:
    assert rules.same_sum(typed, minor) is same


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("31.12.1980", date(1980, 12, 31)), ("31 12 1980", date(1980, 12, 31)), ("31121980", date(1980, 12, 31)),
        ("1980-12-31", date(1980, 12, 31)), ("30.02.1980", None), ("", None), ("31.12", None), ("٣", None),
        ("9" * 40, None), ("1.1.99999", None),
    ],
)  # fmt: skip
def test_a_birth_date_is_understood_in_any_writing(typed: str, found: date | None) -> None:
    assert rules.birth_date_typed(typed) == found


def test_what_is_masked_gives_nobody_away() -> None:
    assert rules.masked_number("+79001234534") == "+7 900 ···-··-34"
    assert rules.masked_number("net-000001") == "ne···01"
    assert rules.masked("12345") == "···"
    assert rules.masked_name("Мария", "Ковалёва") == "Мария К."
    assert rules.masked_address("maria@example.com") == "m··· (example.com)"
