"""Two tariffs row by row: what is better and what is worse (CAB-10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abonent.demo import catalogue
from abonent.domains.catalog.rules import Access, Allowance, FeeTerms, InvalidTerms, Price, TariffVersion, Terms, check
from abonent.domains.catalog.rules_comparison import Verdict, compared

SOLD = {version.tariff_code: version for version in catalogue.tariffs()}
SMALL = SOLD["legky"]


def with_price(price: Price) -> TariffVersion:
    others = tuple(other for other in SMALL.terms.prices if other.code != price.code)
    return replace(SMALL, terms=replace(SMALL.terms, prices=(*others, price)))


@pytest.mark.parametrize("version", SOLD.values(), ids=lambda version: version.tariff_code)
def test_cab_10_a_tariff_is_the_same_as_itself(version: TariffVersion) -> None:
    found = compared(version, version)
    verdicts = {found.fee.verdict, *(p.verdict for p in found.packages), *(p.verdict for p in found.prices)}
    assert verdicts == {"same"}
    assert all(row.this for row in found.prices)


def test_cab_10_better_from_one_side_is_worse_from_the_other() -> None:
    opposite = {"better": "worse", "worse": "better", "same": "same"}
    there, back = compared(SOLD["dreyf"], SOLD["poputny"]), compared(SOLD["poputny"], SOLD["dreyf"])
    assert [row.way for row in there.prices] == [row.way for row in back.prices]
    assert [opposite[row.verdict] for row in there.prices] == [row.verdict for row in back.prices]
    assert [opposite[row.verdict] for row in there.packages] == [row.verdict for row in back.packages]
    assert (there.fee.verdict, back.fee.verdict) == ("worse", "better")
    assert {row.verdict for row in there.prices} == {"better", "worse", "same"}


@pytest.mark.parametrize(
    ("allowance", "verdict"),
    [
        (Allowance("voice", 301 * 60), "better"), (Allowance("voice", None), "better"), (None, "worse"),
        (Allowance("voice", 300 * 60), "same"), (Allowance("voice", 299 * 60), "worse"),
    ],
)  # fmt: skip
def test_cab_10_more_in_a_package_is_better(allowance: Allowance | None, verdict: Verdict) -> None:
    others = tuple(other for other in SMALL.terms.allowances if other.bucket != "voice")
    this = replace(SMALL, terms=replace(SMALL.terms, allowances=(*others, *([allowance] if allowance else []))))
    assert {row.bucket: row.verdict for row in compared(this, SMALL).packages}["voice"] == verdict


@pytest.mark.parametrize(
    ("price_minor", "unit_size", "verdict"),
    [
        (200, 60, "same"), (199, 60, "better"), (201, 60, "worse"), (100, 30, "better"), (400, 120, "worse"),
        (4, 1, "worse"),
    ],
)  # fmt: skip
def test_cab_10_prices_are_compared_by_what_they_count(price_minor: int, unit_size: int, verdict: Verdict) -> None:
    """Two roubles a minute against: the same, less, more, the same by the half, by two minutes, more by the second."""
    [before] = [price for price in SMALL.terms.prices if price.code == "voice-mobile-ru"]
    this = with_price(replace(before, price_minor=price_minor, unit_size=unit_size))
    assert [row.verdict for row in compared(this, SMALL).prices if row.way.destination == "mobile-ru"] == [verdict]


def test_cab_10_a_fee_by_the_day_is_compared_as_that_of_thirty_days() -> None:
    daily = replace(SMALL, fee_minor=1_300, terms=replace(SMALL.terms, fee=FeeTerms(per="day")))
    assert compared(daily, SMALL).fee.verdict == "same"
    assert compared(replace(daily, fee_minor=1_301), SMALL).fee.verdict == "worse"


def test_cab_10_what_one_has_no_price_for_is_worse() -> None:
    found = compared(replace(SMALL, terms=Terms()), SMALL)
    assert {(row.this, row.verdict) for row in found.prices} == {(None, "worse")}


def test_fix_2_wires_are_compared_by_speed_and_fee_and_nothing_that_nobody_uses() -> None:
    by_code = {version.tariff_code: version for version in catalogue.tariffs()}
    found = compared(by_code["dom-500"], by_code["dom-100"])
    assert [(row.what, row.this, row.mine, row.verdict) for row in found.access] == [
        ("down_kbps", 500_000, 100_000, "better"), ("up_kbps", 200_000, 100_000, "better"),
    ]  # fmt: skip
    assert (found.fee.verdict, found.prices) == ("worse", ())
    [channels] = compared(by_code["nebo"], by_code["nebo-zvezdy"]).access
    assert (channels.what, channels.verdict) == ("channels", "worse")
    assert {row.way.kind for row in compared(by_code["ekran"], by_code["ekran-kino"]).prices} == {"content"}


def test_fix_2_the_speed_is_a_term_of_the_version_and_never_negative() -> None:
    terms = Terms(prices=catalogue.tariffs()[0].terms.prices, access=Access(100_000, 50_000, 120))
    assert Terms.from_json(terms.to_json()) == terms
    with pytest.raises(InvalidTerms):
        check(Terms(prices=terms.prices, access=Access(-1)))
