"""Service offers: versions with dates, loaded from YAML whole or refused whole, and written as read (OPS-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.demo import catalogue as demo
from abonent.domains.catalog.offers import actions as offers
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import rules as offers_rules
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import BadCatalogue, Catalogue, OfferVersion
from tests.factories.offers import CATEGORIES, FROM, OFFERS, offer

TODAY = date(2026, 3, 10)
GOOD = """\
categories:
  calls: {ru: Звонки, en: Calls}
offers:
  one:
    2026-01-01:
      name: {ru: Первая, en: First}
      text: {ru: Что это., en: What it is.}
      category: calls
      for: [mobile]
      once_minor: 1000
      fee_minor: 9900
      until: 2026-06-01
      requires: [two]
    2026-06-01:
      name: {ru: Первая, en: First}
      text: {ru: Что это., en: What it is.}
      category: calls
      for: [mobile]
  two:
    2026-01-01:
      name: {ru: Вторая, en: Second}
      text: {ru: Что это., en: What it is.}
      category: calls
      for: [mobile, internet]
      per: day
      fee_minor: 100
      network: [clir]
"""


def problems(text: str) -> list[str]:
    """Return what the reading says is wrong, with lines."""
    with pytest.raises(BadCatalogue) as refused:
        offers_yaml.read(text)
    return [str(problem) for problem in refused.value.problems]


def test_ops_3_a_file_is_read() -> None:
    found = offers_yaml.read(GOOD)
    assert [(one.code, one.valid_from.month, one.fee_minor, one.per) for one in found.versions] == [
        ("one", 1, 9900, "month"), ("one", 6, 0, "month"), ("two", 1, 100, "day"),
    ]  # fmt: skip
    assert found.versions[0].requires == ("two",)
    assert found.line_of(found.versions[0]) == 5
    assert [one.sold_on(date(2026, 6, 1)) for one in found.versions] == [False, True, True]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      network: [clir]", "      requires: [one]", "line 20: requirements go round in a ring: two → one → two"),
        ("      until: 2026-06-01\n", "", "line 13: one: this version begins on 2026-06-01, while"),
        ("until: 2026-06-01", "until: 2026-07-01", "line 14: one: this version begins on 2026-06-01, while"),
        ("until: 2026-06-01", "until: 2025-06-01", "line 5: one: it ends before it begins"),
        ("fee_minor: 9900", "fee_minor: -1", "line 5: one: a price is not negative"),
        ("{ru: Первая, en: First}", "{ru: Первая}", "line 6: the text is missing in en"),
        ("{ru: Что это., en: What it is.}", "{ru: Что это., en: ''}", "line 7: a text of 1 to 2000 characters"),
        ("{ru: Звонки, en: Calls}", "{en: Calls}", "line 2: the text is missing in ru"),
        ("requires: [two]", "requires: [three]", "line 5: one requires three, which is not there"),
        ("requires: [two]", "requires: [one]", "line 5: one requires itself"),
        ("requires: [two]", "requires: [two]\n      conflicts: [two]", "line 5: one requires two, with which"),
        ("category: calls", "category: games", "line 5: one: there is no category games"),
        ("once_minor: 1000", "once_minor: 10.50", "line 10: a sum in minor units, a whole number is asked for"),
        ("once_minor: 1000", "price: 10", "line 10: one has no “price”"),
        ("per: day", "per: week", "line 20: two: a fee is per month or per day"),
        ("for: [mobile, internet]", "for: [fax]", "line 20: two: it is for some of mobile"),
        ("for: [mobile, internet]", "for: mobile", "line 24: a list is asked for"),
        ("  two:\n    2026-01-01", "  two:\n    someday", "line 20: a day as 2026-12-31 is asked for"),
        ("  two:\n    2026-01-01", "  two:\n    2026-02-30", "line 20: a day as 2026-12-31 is asked for"),
        ("  two:", "  Two!:", "line 19: a code is asked for"),
        ("  two:", "  one:", "line 19: one stands there twice"),
        ("    2026-06-01:\n", "    2026-01-01:\n", "line 14: 2026-01-01 stands there twice"),
        ("      category: calls\n", "", "line 6: one: category is missing"),
        ("categories:", "categories: [", "no YAML"),
        ("[clir]", "!!python/object/apply:os.system [ls]", ""),
    ],
    ids=range(25),
)  # fmt: skip
def test_ops_3_a_file_with_a_fault_is_refused_whole_with_line_and_reason(old: str, new: str, says: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if not says:
        # A tag makes no object: the list below it is read as any list.
        assert offers_yaml.read(text).versions[-1].network == ("ls",)
        return
    assert any(says in problem for problem in problems(text)), problems(text)


@pytest.mark.parametrize(
    "text", ["", "[]", "offers", "offers: 1", "a: &a [*a]", "\0", "- " * 2_000, "[" * 500], ids=range(8)
)
def test_ops_3_anything_at_all_is_read_or_refused(text: str) -> None:
    assert problems(text)


@pytest.mark.django_db
def test_ops_3_nothing_of_a_refused_catalogue_is_stored() -> None:
    broken = Catalogue(CATEGORIES, (*OFFERS, offer("bad", requires=("nobody",))))
    with pytest.raises(BadCatalogue):
        offers.load(broken, today=TODAY)
    assert offers_queries.catalogue() == Catalogue()


@pytest.mark.django_db
def test_ops_3_what_is_exported_is_loaded_again_and_changes_nothing() -> None:
    offers.load(Catalogue(CATEGORIES, OFFERS), today=FROM)
    text = offers_yaml.write(offers_queries.catalogue())
    done = offers.load(offers_yaml.read(text), today=TODAY)
    assert (done.new, done.changed, done.known) == (0, 0, len(OFFERS))
    assert offers_yaml.write(offers_queries.catalogue()) == text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("version", "says"),
    [
        (offer("monthly", once_minor=3_000, fee_minor=9_100), "never edited"),
        (offer("monthly", once_minor=3_000, fee_minor=9_000, requires=("base",)), "never edited"),
        (offer("free", valid_from=date(2026, 3, 10)), "begins after today"),
        (offer("free", valid_until=date(2026, 3, 10)), "stays sold until today"),
        (offer("ended", valid_until=date(2026, 6, 1)), "stays sold until today"),
        (offer("free", valid_from=date(2026, 4, 1)), "is in force"),
        (offer("base", requires=("above",)), "never edited"),
    ],
    ids=["price", "requirement", "today", "ended today", "sold again", "overlaps", "ring"],
)  # fmt: skip
def test_ops_3_what_is_in_force_is_never_edited(version: OfferVersion, says: str) -> None:
    offers.load(Catalogue(CATEGORIES, OFFERS), today=FROM)
    before = offers_queries.catalogue()
    with pytest.raises(BadCatalogue, match=says):
        offers.load(Catalogue(CATEGORIES, (version,)), today=TODAY)
    assert offers_queries.catalogue() == before


@pytest.mark.django_db
def test_ops_3_a_price_changes_by_a_new_version_and_a_text_is_corrected() -> None:
    offers.load(Catalogue(CATEGORIES, OFFERS), today=FROM)
    ends = date(2026, 5, 1)
    old = offer("monthly", once_minor=3_000, fee_minor=9_000, valid_until=ends, texts={"ru": "Иначе.", "en": "Else."})
    new = replace(old, valid_from=ends, valid_until=None, fee_minor=12_000)
    checked = offers.load(Catalogue(CATEGORIES, (old, new)), today=TODAY, only_check=True)
    assert (checked.new, checked.changed) == (1, 1)
    assert "monthly" in {one.code for one in offers_queries.sold_on(ends, "mobile")}, "a check stores nothing"
    offers.load(Catalogue(CATEGORIES, (old, new)), today=TODAY)
    prices = [
        one.fee_minor for day in (TODAY, ends) for one in offers_queries.sold_on(day, "mobile") if one.code == "monthly"
    ]
    assert prices == [9_000, 12_000]


@pytest.mark.django_db
def test_cab_11_on_sale_is_what_is_for_that_line_and_that_day() -> None:
    offers.load(Catalogue(CATEGORIES, OFFERS), today=FROM)
    mobile = {one.code for one in offers_queries.sold_on(TODAY, "mobile")}
    assert "ended" not in mobile
    assert "home" not in mobile
    assert {one.code for one in offers_queries.sold_on(TODAY, "internet")} == {"home"}
    assert "ended" in {one.code for one in offers_queries.sold_on(date(2025, 5, 31), "mobile")}


CODES = ("a", "b", "c", "d")


@given(
    st.lists(
        st.tuples(st.sampled_from(CODES), st.sets(st.sampled_from(CODES), max_size=2)),
        unique_by=lambda one: one[0], min_size=4, max_size=4,
    )
)  # fmt: skip
def test_ops_3_no_ring_of_requirements_is_loaded(needs: list[tuple[str, set[str]]]) -> None:
    """A catalogue that is accepted has an order in which everything can be connected."""
    versions = tuple(offer(code, requires=tuple(sorted(required))) for code, required in needs)
    try:
        offers_rules.check(Catalogue(CATEGORIES, versions))
    except BadCatalogue:
        accepted = False
    else:
        accepted = True
    connected: set[str] = set()
    while more := {code for code, required in needs if required <= connected} - connected:
        connected |= more
    assert accepted == (connected == set(CODES))


def test_ops_3_the_demo_sells_services_and_packages_in_six_categories() -> None:
    found = demo.offers()
    sold = [one for one in found.versions if one.sold_on(date(2026, 11, 30))]
    assert len(sold) >= 12
    assert {one.category for one in sold} == {category.code for category in found.categories}
    assert len(found.categories) == 6
    assert len([one for one in sold if one.package]) >= 6
    pairs = {frozenset((one.code, other)) for one in sold for other in one.conflicts}
    assert len(pairs) == 4
    assert any(one.requires for one in sold)


def test_cab_12_a_package_is_read_as_it_is_written_and_each_fault_has_its_line() -> None:
    found = demo.offers()
    packages = [one.package for one in found.versions if one.package]
    again = offers_yaml.read(offers_yaml.write(found))
    assert {(one.code, one.valid_from): one for one in again.versions} == {
        (one.code, one.valid_from): one for one in found.versions
    }
    assert {one.bucket for one in packages} == {"data", "voice", "sms"}
    assert [one.renews for one in packages].count(True) == 1
    assert [str(one.hours) for one in packages if one.hours] == ["01:00–07:00"]
    text = offers_yaml.write(found)
    for good, bad, reason in (
        ("of: sms", "of: faxes", "a package is of"),
        ("days: 7", "days: 367", "a package is for 1 to 366 days"),
        ("days: 7", "days: week", "a whole number is asked for"),
        ("hours: 1-7", "hours: 7-7", "its hours end where they begin"),
        ("hours: 1-7", "hours: 1-24", "hours are from 0 to 23"),
        ("amount: 6000", "amount: 0", "a package holds something"),
        ("amount: 6000", "amounts: 6000", "has no “amounts”"),
        ("renews: 'yes'", "renews: maybe", "yes or no is asked for"),
    ):
        assert text.count(good), good
        with pytest.raises(BadCatalogue, match=reason) as refused:
            offers_yaml.read(text.replace(good, bad, 1))
        assert refused.value.problems[0].line
