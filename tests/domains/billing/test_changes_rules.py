"""CAB-2: what another version of a tariff changes, and how long before it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.demo import catalogue
from abonent.domains.billing.changes import rules
from abonent.domains.billing.changes.rules import Difference, Side
from abonent.domains.catalog.rules import Allowance, FeeTerms, Price, TariffVersion, Terms
from tests.factories.catalog import PRICES, SMALL

TODAY = date(2026, 11, 30)
TARIFFS = st.sampled_from([*catalogue.tariffs(), SMALL])


def priced(**changes: Price) -> TariffVersion:
    """Return the small tariff with other rules of these codes (`_` for `-`)."""
    by_code = {code.replace("_", "-"): price for code, price in changes.items()}
    prices = tuple(by_code.get(price.code, price) for price in PRICES)
    return replace(SMALL, terms=replace(SMALL.terms, prices=prices))


def test_cab_2_the_same_terms_change_nothing() -> None:
    assert rules.differences(SMALL, replace(SMALL, valid_from=TODAY, id=9)) == ()
    assert rules.earliest(SMALL, SMALL, TODAY) == TODAY + timedelta(days=1)


def test_cab_2_names_fee_allowances_and_prices_that_differ() -> None:
    new = priced(sms=Price("sms", "sms", "out", 300, bucket="sms"))
    new = replace(
        new, fee_minor=35_000, terms=replace(new.terms, allowances=(Allowance("voice", 900), Allowance("sms", None)))
    )
    fee, voice, data, sms, price = rules.differences(SMALL, new)
    assert (fee.what, fee.was.amount, fee.becomes.amount, fee.is_dearer) == ("fee", 30_000, 35_000, True)
    assert (voice.kind, voice.was.amount, voice.becomes.amount, voice.is_dearer) == ("voice", 600, 900, False)
    assert (data.kind, data.becomes.amount, data.is_dearer) == ("data", 0, True)
    assert (sms.kind, sms.becomes.amount, sms.is_dearer) == ("sms", None, False)
    assert price == Difference(
        "price", Side(250, "sms", included=True), Side(300, "sms", included=True), "sms", "out"
    )  # fmt: skip


def test_cab_2_a_rule_that_goes_is_answered_by_the_one_that_stays() -> None:
    """Whoever had a price of their own for a destination learns which one holds for it instead."""
    without = replace(SMALL, terms=replace(SMALL.terms, prices=tuple(p for p in PRICES if p.code != "call-kazakhstan")))
    [gone] = rules.differences(SMALL, without)
    assert (gone.destination, gone.was.amount, gone.becomes.amount) == ("kazakhstan", 1200, 180)
    assert (gone.was.rule, gone.becomes.rule) == ("call-kazakhstan", "call")
    assert not gone.is_dearer
    [come] = rules.differences(without, SMALL)
    assert come.is_dearer
    assert (come.was, come.becomes) == (gone.becomes, gone.was)


@pytest.mark.parametrize(
    ("new", "days"),
    [
        (replace(SMALL, fee_minor=30_001), 10),
        (replace(SMALL, fee_minor=29_999), 1),
        (replace(SMALL, fee_minor=1_000, terms=replace(SMALL.terms, fee=FeeTerms(per="day"))), 10),
        (priced(content=Price("content", "content", "", 1501)), 10),
        (priced(content=Price("content", "content", "", 0)), 1),
        (priced(sms=Price("sms", "sms", "out", 250)), 10),
        (priced(call=Price("call", "voice", "out", 3, 1, bucket="voice")), 10),
        (replace(SMALL, terms=replace(SMALL.terms, allowances=SMALL.terms.allowances[:2])), 10),
    ],
)
def test_cab_2_who_may_pay_more_hears_of_it_ten_days_before(new: TariffVersion, days: int) -> None:
    assert rules.earliest(SMALL, new, TODAY) == TODAY + timedelta(days=days)


@given(TARIFFS, TARIFFS)
def test_cab_2_the_way_back_is_the_same_changes_backwards(old: TariffVersion, new: TariffVersion) -> None:
    there, back = rules.differences(old, new), rules.differences(new, old)
    assert {(one.was, one.becomes) for one in there} == {(one.becomes, one.was) for one in back}
    assert all(one.was != one.becomes for one in there)
    assert (there == ()) == (
        (old.fee_minor, old.terms.fee.per) == (new.fee_minor, new.terms.fee.per)
        and priced_alike(old.terms, new.terms)
    )  # fmt: skip


def priced_alike(one: Terms, other: Terms) -> bool:
    if {a.bucket: a.amount for a in one.allowances} != {a.bucket: a.amount for a in other.allowances}:
        return False
    sides = [
        {(p.kind, p.direction, p.destination, p.zone): (p.price_minor, p.unit_size, p.bucket) for p in terms.prices}
        for terms in (one, other)
    ]
    return sides[0] == sides[1]


@pytest.mark.parametrize("why", [{}, {"ru": "Дороже"}, {"ru": "Дороже", "en": " "}])
def test_cab_2_the_reason_is_asked_for_in_every_language(why: dict[str, str]) -> None:
    assert not rules.is_told(why, {"ru": "Русский", "en": "English"})
    assert rules.is_told({"ru": "Дороже", "en": "Dearer"}, {"ru": "", "en": ""})
