"""Forms of drafts lose nothing: what was written is read, and what was read is written (OPS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.demo import catalogue as demo
from abonent.domains.catalog import tariffs_yaml
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue, Category, OfferVersion
from abonent.domains.catalog.packages_rules import Hours, Package
from abonent.domains.catalog.rules import Access, Allowance, FeeTerms, RollOver, Switching, Terms
from abonent.domains.catalog.tariffs_yaml import Sheet
from abonent.domains.help import rules_yaml
from abonent.domains.help.rules import City, Drawn, Help, Shop
from abonent.entrypoints.staff import drafts_sizes
from abonent.entrypoints.staff.drafts_forms import DraftForm
from abonent.entrypoints.staff.drafts_help_forms import ShopForm
from abonent.entrypoints.staff.drafts_offer_forms import OfferForm
from abonent.entrypoints.staff.drafts_package_forms import PackagesForm, is_one_package
from abonent.entrypoints.staff.drafts_tariff_forms import TariffForm
from tests.factories import drafts as make

LANGUAGES = ("ru", "en")
SHELVES = (Category("calls", {"ru": "Звонки", "en": "Calls"}), Category("packages", {"ru": "Пакеты", "en": "Packages"}))
CODES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,19}", fullmatch=True)
# What a person can type into a line: no line ends, no controls, nothing around it.
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" «»—:#'\"{}[]&*!|>%@`"), min_size=1,
    max_size=40,
).map(str.strip).filter(bool)  # fmt: skip
NAMES = st.fixed_dictionaries(dict.fromkeys(LANGUAGES, LINES))
TEXTS = st.fixed_dictionaries({one: st.lists(LINES, min_size=1, max_size=3).map("\n".join) for one in LANGUAGES})
DAYS = st.dates(date(2026, 1, 1), date(2040, 1, 1))
SUMS = st.integers(0, 10**9)
LISTS = st.lists(CODES, max_size=3, unique=True).map(tuple)
SHARED: Mapping[str, Any] = {
    "category": st.sampled_from([one.code for one in SHELVES]), "valid_from": DAYS, "valid_until": st.none() | DAYS,
    "requires": LISTS, "conflicts": LISTS, "regions": LISTS,
}  # fmt: skip
SERVICES = st.lists(st.sampled_from(["mobile", "internet", "tv", "satellite"]), min_size=1, unique=True).map(
    lambda chosen: tuple(one for one in ("mobile", "internet", "tv", "satellite") if one in chosen)
)
HOURS = st.builds(Hours, st.integers(0, 23), st.integers(0, 23)).filter(lambda one: one.first != one.end)
PACKAGES = st.builds(
    Package, st.sampled_from(["data", "voice", "sms"]), st.none() | st.integers(1, 10**15 - 1), st.integers(1, 366),
    st.none() | HOURS, st.booleans(),
)  # fmt: skip
FAMILIES = st.builds(Family, st.integers(1, 20), st.booleans(), LISTS)
OFFERS = st.builds(
    OfferVersion, code=CODES, services=SERVICES, names=NAMES, texts=TEXTS, once_minor=SUMS, fee_minor=SUMS,
    per=st.sampled_from(["month", "day"]), network=LISTS, package=st.none(), family=st.none() | FAMILIES, id=st.none(),
    **SHARED,
)  # fmt: skip


@st.composite
def sizes(draw: st.DrawFn) -> tuple[OfferVersion, ...]:
    """Return a package in one to four sizes."""
    shared = {name: draw(values) for name, values in SHARED.items()}
    package = draw(PACKAGES)
    amounts = st.none() | st.integers(1, 10**15 - 1)
    return tuple(
        OfferVersion(
            code=code, services=("mobile",), names=draw(NAMES), texts=draw(TEXTS), once_minor=draw(SUMS),
            package=replace(package, amount=draw(amounts)), **shared,
        )
        for code in draw(st.lists(CODES, min_size=1, max_size=4, unique=True).map(sorted))
    )  # fmt: skip


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Return a tariff of the demo with other terms."""
    version = draw(st.sampled_from(demo.tariffs()))
    count = st.integers(1, 10**15 - 1)
    allowances = [
        Allowance(bucket, amount, None, None if amount is None else draw(st.none() | st.just(RollOver(1, 5))))
        for bucket in draw(st.lists(st.sampled_from(["voice", "data", "sms"]), unique=True))
        for amount in [draw(st.none() | count)]
    ]
    fee = draw(
        st.sampled_from([FeeTerms(), FeeTerms("day", shortage="wait"), FeeTerms("month", True, "daily", "payment")])
    )
    speeds = st.integers(0, 10**6)
    access = Access(draw(speeds), draw(speeds), draw(speeds)) if version.service != "mobile" else Access()
    prices = tuple(replace(one, price_minor=draw(SUMS)) for one in version.terms.prices)
    terms = Terms(tuple(allowances), prices, fee, Switching(draw(SUMS), draw(st.booleans())), access)
    why = draw(st.just({}) | NAMES)
    version = replace(version, valid_from=draw(DAYS), fee_minor=draw(SUMS), terms=terms, names=draw(NAMES))
    return Sheet(version, draw(NAMES), draw(st.none() | DAYS), why)


TIMES = st.times(time(0, 0), time(23, 59)).map(lambda one: one.replace(second=0, microsecond=0))
OPEN = st.none() | st.tuples(TIMES, TIMES).filter(lambda one: one[1] == time(0) or one[0] < one[1])
DEGREES = st.integers(-85_000_000, 85_000_000).map(lambda one: one / 1_000_000)
PLAIN = st.text("абвгдеabcdef 123-", min_size=1, max_size=20).map(str.strip).filter(bool)
DRAWN = st.builds(
    Drawn, st.sampled_from(["river", "street"]), st.fixed_dictionaries(dict.fromkeys(LANGUAGES, PLAIN)),
    st.lists(st.tuples(DEGREES, DEGREES), min_size=1, max_size=4).map(tuple),
)  # fmt: skip
CITIES = st.builds(City, CODES, NAMES, st.just("Europe/Moscow"), st.lists(DRAWN, max_size=3).map(tuple))


@st.composite
def shops(draw: st.DrawFn) -> tuple[City, Shop]:
    """Return a shop and its city."""
    city = draw(CITIES)
    hours = tuple(draw(OPEN) for _ in range(7))
    return city, Shop(
        draw(CODES), city.code, draw(NAMES), draw(st.just({}) | NAMES), hours, draw(DEGREES), draw(DEGREES)
    )


def sent(form: DraftForm) -> QueryDict:
    """Return what a browser sends of the form as it is shown."""
    data = QueryDict(mutable=True)
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            data.setlist(bound.html_name, value)
        elif isinstance(value, date):
            data[bound.html_name] = f"{value}"
        elif value not in (None, False):
            # A text area has the line ends of the web.
            data[bound.html_name] = "on" if value is True else f"{value}".replace("\n", "\r\n")
    return data


def written(form: type[Any], **known: Any) -> str:
    """Return what the form writes when nobody changed anything in it."""
    filled = form(sent(form(**known)), **known)
    assert filled.is_valid(), filled.errors
    return str(filled.written())


@given(OFFERS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_ops_3_a_service_is_read_as_it_was_written_and_its_form_loses_nothing(version: OfferVersion, new: bool) -> None:
    shelves = (Category(version.category, {"ru": "Полка", "en": "Shelf"}),) if new else ()
    text = offers_yaml.write(Catalogue(shelves, (version,)))
    assert offers_yaml.parse(text) == Catalogue(shelves, (version,))
    assert offers_yaml.write(offers_yaml.parse(text)) == text
    again = written(OfferForm, version=version, shelves=shelves, categories=SHELVES, language="ru")
    assert offers_yaml.parse(again) == Catalogue(shelves, (version,))


@given(sizes(), st.sampled_from(LANGUAGES))
@settings(max_examples=30, deadline=None)
def test_ops_3_a_package_in_its_sizes_is_read_as_it_was_written_and_its_form_loses_nothing(
    versions: tuple[OfferVersion, ...], language: str
) -> None:
    text = offers_yaml.write(Catalogue((), versions))
    assert offers_yaml.parse(text).versions == versions
    assert is_one_package(versions)
    with translation.override(language):
        again = written(PackagesForm, versions=versions, categories=SHELVES, language=language)
    assert offers_yaml.parse(again).versions == versions


@given(sheets(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_ops_3_the_form_of_a_tariff_loses_nothing(sheet: Sheet, is_known: bool) -> None:
    assert tariffs_yaml.read(written(TariffForm, sheet=sheet, is_known=is_known)) == sheet


def test_ops_3_a_tariff_of_the_demo_passes_through_its_form_as_it_is() -> None:
    for sheet in (make.tariff(one.tariff_code) for one in demo.tariffs()):
        text = tariffs_yaml.write(sheet)
        assert tariffs_yaml.read(written(TariffForm, sheet=tariffs_yaml.read(text), is_known=True)) == sheet


@given(shops())
@settings(max_examples=30, deadline=None)
def test_ops_3_a_shop_is_read_as_it_was_written_and_its_form_loses_nothing(found: tuple[City, Shop]) -> None:
    city, shop = found
    text = rules_yaml.write(Help(cities=(city,), shops=(shop,)))
    assert rules_yaml.read(text, LANGUAGES) == Help(cities=(city,), shops=(shop,))
    again = written(ShopForm, shop=shop, cities={city.code: city}, language="ru")
    assert rules_yaml.read(again, LANGUAGES) == Help(cities=(city,), shops=(shop,))


@given(st.sampled_from(["data", "voice", "sms"]), st.none() | st.integers(1, 10**15 - 1), st.sampled_from(LANGUAGES))
def test_ops_3_an_amount_is_typed_as_it_is_shown(bucket: str, amount: int | None, language: str) -> None:
    with translation.override(language):
        assert drafts_sizes.read(bucket, drafts_sizes.told(bucket, amount)) == amount


@pytest.mark.parametrize(
    ("bucket", "typed", "amount"),
    [
        ("data", "5", 5 * 1024**3), ("data", "1,5 ГБ", 3 * 1024**3 // 2), ("data", "512 mb", 512 * 1024**2),
        ("voice", "100", 6_000), ("voice", "2 ч", 7_200), ("voice", "90 с", 90), ("sms", " 1 00 ", 100),
        ("data", "Без ограничений", None), ("sms", "unlimited", None),
    ],
)  # fmt: skip
def test_ops_3_an_amount_is_understood(bucket: str, typed: str, amount: int | None) -> None:
    assert drafts_sizes.read(bucket, typed) == amount


@pytest.mark.parametrize(
    ("bucket", "typed"),
    [
        ("data", "0"), ("data", "-5 GB"), ("data", "5 мин"), ("voice", "5 GB"), ("sms", "1,5"), ("data", "много"),
        ("data", "9" * 30), ("sms", "5 5 x"), ("data", "0.0000000001"), ("data", ""),
    ],
)  # fmt: skip
def test_ops_3_what_is_no_amount_is_refused(bucket: str, typed: str) -> None:
    with pytest.raises(drafts_sizes.BadSize):
        drafts_sizes.read(bucket, typed)
