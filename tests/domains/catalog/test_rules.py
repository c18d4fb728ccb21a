"""Terms of tariffs: the most exact rule answers, and what cannot be sold is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abonent.domains.catalog.rules import (
    Allowance,
    Destination,
    Geography,
    InvalidTerms,
    Price,
    Switching,
    Terms,
    check,
)

EVERYTHING = tuple(Price(kind, kind, "", 100) for kind in ("voice", "sms", "mms", "data", "content"))
WITH_EXACT = Terms(
    allowances=(Allowance("voice", 600),),
    prices=(
        *EVERYTHING,
        Price("voice.in", "voice", "in", 0),
        Price("voice.onnet", "voice", "out", 50, destination="onnet", bucket="voice"),
        Price("voice.roaming", "voice", "", 900, zone="roaming"),
        Price("voice.kz", "voice", "", 700, zone="kz"),
        Price("voice.onnet.kz", "voice", "out", 600, destination="onnet", zone="kz"),
    ),
)


@pytest.mark.parametrize(
    ("direction", "destination", "zone", "rule"),
    [
        ("out", "abroad", "home", "voice"),
        ("in", "abroad", "home", "voice.in"),
        ("out", "onnet", "home", "voice.onnet"),
        ("out", "abroad", "tr", "voice.roaming"),
        ("in", "abroad", "tr", "voice.roaming"),
        ("out", "abroad", "kz", "voice.kz"),
        ("out", "onnet", "kz", "voice.onnet.kz"),
    ],
)
def test_ops_4_the_most_exact_rule_answers(direction: str, destination: str, zone: str, rule: str) -> None:
    check(WITH_EXACT)
    assert WITH_EXACT.price("voice", direction, destination, zone).code == rule


def test_terms_come_back_from_their_document_as_they_were() -> None:
    assert Terms.from_json(WITH_EXACT.to_json()) == WITH_EXACT


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms(prices=EVERYTHING[:4]), "no price for content"),
        (Terms(prices=(*EVERYTHING, Price("again", "voice", "", 5))), "answer the same usage"),
        (Terms(prices=(*EVERYTHING, Price("voice", "voice", "in", 5))), "have the code voice"),
        (Terms(prices=(*EVERYTHING, Price("x", "voice", "in", -1))), "not negative"),
        (Terms(prices=(*EVERYTHING, Price("x", "voice", "in", 1, unit_size=0))), "at least 1"),
        (Terms(prices=(*EVERYTHING, Price("x", "voice", "in", 1, bucket="data"))), "cannot use the bucket"),
        (Terms((Allowance("sms", 1), Allowance("sms", 2)), EVERYTHING), "same bucket"),
    ],
)
def test_terms_that_cannot_be_sold_are_refused_with_the_reason(terms: Terms, why: str) -> None:
    with pytest.raises(InvalidTerms, match=why):
        check(terms)


def test_the_longest_prefix_tells_the_destination() -> None:
    names = {"ru": "-", "en": "-"}
    geography = Geography(
        (
            Destination("onnet", ("+7900",), names),
            Destination("russia", ("+7", "112"), names),
            Destination("film", ("Kino", "900"), names, content=True),
        )
    )
    assert geography.destination_of("voice", "+79000000001") == "onnet"
    assert geography.destination_of("voice", "+74950000001") == "russia"
    assert geography.destination_of("voice", "112") == "russia"
    assert geography.destination_of("voice", "+4912345") == ""
    assert geography.destination_of("content", "Kino") == "film"
    assert geography.destination_of("sms", "900") == ""


def test_cab_10_what_goes_on_slower_is_data_of_a_limited_package_and_costs_nothing_beyond() -> None:
    free = Price("data.home", "data", "", 0, zone="home", bucket="data")
    slower = Terms((Allowance("data", 100, then_kbps=512),), (*EVERYTHING, free))
    check(slower)
    assert Terms.from_json(slower.to_json()) == slower
    for allowance in (Allowance("data", None, 512), Allowance("data", 100, 0), Allowance("voice", 600, 512)):
        with pytest.raises(InvalidTerms, match="limited amount"):
            check(replace(slower, allowances=(allowance,)))
    dear = replace(free, price_minor=1)
    with pytest.raises(InvalidTerms, match="costs nothing beyond"):
        check(replace(slower, prices=(*EVERYTHING, dear)))


def test_cab_10_a_usage_without_a_rule_is_told_apart_from_one_with_one() -> None:
    assert WITH_EXACT.answers("voice", "out", "abroad", "home")
    assert not Terms(prices=EVERYTHING[:4]).answers("content", "out", "", "home")


def test_cab_10_what_a_change_costs_is_a_term_of_the_version_and_never_negative() -> None:
    dear = Terms(prices=EVERYTHING, switching=Switching(5_000, personal=True))
    check(dear)
    assert Terms.from_json(dear.to_json()) == dear
    assert "switching" not in Terms(prices=EVERYTHING).to_json(), "terms published before stay as they are"
    with pytest.raises(InvalidTerms, match="not negative"):
        check(replace(dear, switching=Switching(-1)))
