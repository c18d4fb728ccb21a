"""The invented catalogue can be sold."""

from __future__ import annotations

import pytest

from abonent.demo import catalogue
from abonent.domains.catalog.rules import TariffVersion, check


@pytest.mark.parametrize("version", catalogue.tariffs(), ids=lambda version: version.tariff_code)
def test_cab_10_every_tariff_answers_every_usage(version: TariffVersion) -> None:
    check(version.terms)
    assert len(version.terms.prices) >= 5


def test_cab_10_has_tariffs_in_the_three_categories() -> None:
    sold = [version.category for version in catalogue.tariffs() if version.service == "mobile"]
    assert {category: sold.count(category) for category in sold} == {"phone": 7, "computer": 3, "special": 4}


def test_cab_10_the_main_tariff_costs_650_and_includes_what_it_says() -> None:
    version = catalogue.tariffs()[0]
    assert (version.names["ru"], version.fee_minor) == ("Свободный", 65000)
    included = {allowance.bucket: allowance.amount for allowance in version.terms.allowances}
    assert included == {"voice": 800 * 60, "data": 30 * 1024**3, "sms": 100}


@pytest.mark.parametrize(
    ("kind", "direction", "peer", "zone", "code"),
    [
        ("voice", "out", "+79000000002", "home", "voice-on-net"),
        ("voice", "out", "+79450001234", "home", "voice-mobile-ru"),
        ("voice", "out", "+74950001234", "home", "voice-fixed-ru"),
        ("voice", "out", "+375000001234", "home", "voice-cis"),
        ("voice", "out", "+447700900123", "home", "voice-europe"),
        ("voice", "out", "+12025550123", "home", "voice-world"),
        ("voice", "out", "112", "home", "voice-free"),
        ("voice", "out", "0890", "tr", "voice-free"),
        ("voice", "out", "+79000000002", "tr", "voice-out-tr"),
        ("voice", "in", "+79000000002", "tr", "voice-in-tr"),
        ("voice", "in", "+79000000002", "home", "voice-in"),
        ("voice", "out", "+79000000002", "a zone of tomorrow", "voice-out-world"),
        ("data", "out", "", "kz", "data-kz"),
        ("sms", "out", "+79000000002", "eu", "sms-out-eu"),
        ("content", "out", "Кино на вечер", "tr", "content-film"),
    ],
)
def test_cab_10_prices_by_destination_and_zone(kind: str, direction: str, peer: str, zone: str, code: str) -> None:
    destination = catalogue.geography().destination_of(kind, peer)
    assert catalogue.tariffs()[0].terms.price(kind, direction, destination, zone).code == code


def test_cab_10_says_something_of_every_tariff_in_both_languages() -> None:
    sold = {version.tariff_code for version in catalogue.tariffs()}
    assert catalogue.ABOUT.keys() == sold
    assert all(russian and english for russian, english in catalogue.ABOUT.values())
    assert catalogue.SOLD_UNTIL.keys() < sold


def test_cab_10_has_tariffs_of_every_shape() -> None:
    """Per minute, packages, without limit, slower after the package, by the day."""
    shapes = {version.tariff_code: version for version in catalogue.tariffs()}
    assert not shapes["poputny"].terms.allowances
    assert shapes["svobodny"].terms.allowances
    assert {allowance.amount for allowance in shapes["bez-kraya"].terms.allowances} == {None}
    assert shapes["dreyf"].terms.allowances[1].then_kbps == 1024
    assert {code for code, version in shapes.items() if version.terms.fee.per == "day"} == {"iskorka", "buy"}
