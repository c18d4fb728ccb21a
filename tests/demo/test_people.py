"""Who the subscribers are."""

from __future__ import annotations

from collections import Counter

import pytest

from abonent.demo import names
from abonent.demo.catalogue import SOLD_UNTIL, tariffs
from abonent.demo.people import MOSCOW, STORIES, groups, number_of
from tests.demo.worlds import world


@pytest.mark.parametrize("subscribers", [1, 10, 47, 300])
def test_it_has_as_many_numbers_as_asked_each_once(subscribers: int) -> None:
    lines = [line for group in groups(world(subscribers)) for line in group.lines]
    mobile = [line.number for line in lines if line.service == "mobile"]
    assert mobile == [number_of(place) for place in range(subscribers)]
    assert len({line.number for line in lines}) == len(lines)
    contracts = [contract.number for group in groups(world(subscribers)) for contract in group.contracts]
    assert len(set(contracts)) == len(contracts)


def test_a_larger_operator_begins_like_a_smaller_one() -> None:
    few, many = list(groups(world(20))), list(groups(world(200)))
    assert many[:2] == few
    assert [group.place for group in groups(world(200), 100, 130)] == [100, 110, 120]


def test_every_line_belongs_to_a_contract_and_every_contract_to_a_party() -> None:
    sold = {version.tariff_code: version.service for version in tariffs()}
    for group in groups(world(300)):
        assert {line.contract for line in group.lines} == set(range(len(group.contracts)))
        assert {contract.party for contract in group.contracts} == set(range(len(group.parties)))
        mains = Counter(group.contracts[line.contract].party for line in group.lines if line.is_main)
        assert mains == dict.fromkeys(range(len(group.parties)), 1)
        for line in group.lines:
            assert sold[line.tariff] == line.service
            assert group.contracts[line.contract].opened_on <= line.opened_at.astimezone(MOSCOW).date()
            assert 1 <= line.period_day <= 28


def test_names_agree_with_the_gender() -> None:
    men, women = dict(names.PATRONYMICS), {woman: man for man, woman in names.PATRONYMICS}
    for group in groups(world(1000)):
        for person in group.parties:
            woman = person.given_name in names.WOMEN
            assert woman != (person.given_name in names.MEN)
            assert person.patronymic in (women if woman else men)
            assert person.family_name in {pair[woman] for pair in names.SURNAMES}


def test_the_first_three_numbers_tell_their_stories() -> None:
    first = next(groups(world(10, 90)))
    by_number = {line.number: line for line in first.lines}
    contract_of = {number: first.contracts[line.contract] for number, line in by_number.items()}
    one, two, three = (number_of(place) for place in range(3))
    assert [by_number[number].tariff for number in (one, two, three)] == ["svobodny", "prostor", "zabota"]
    assert [contract_of[number].payment for number in (one, two, three)] == ["prepaid", "postpaid", "prepaid"]
    assert contract_of[three].last_payment == STORIES[2].last_payment > 0
    own = [number for number, contract in contract_of.items() if contract.party == contract_of[one].party]
    assert own == [one, number_of(3), "net-000001", "tv-000001"]


def test_an_operator_of_many_has_every_sort_of_people() -> None:
    lines = [line for group in groups(world(1000)) for line in group.lines]
    # The newest tariffs wait for their first customers; what is sold no more nobody new has.
    held, known = {line.tariff for line in lines}, {version.tariff_code for version in tariffs()}
    assert held <= known
    assert known - held == {"dreyf", "buy", "nebo-zvezdy", *SOLD_UNTIL}
    assert {line.service for line in lines} == {"mobile", "internet", "tv", "satellite"}
    payments = Counter(contract.payment for group in groups(world(1000)) for contract in group.contracts)
    assert payments["prepaid"] > payments["postpaid"] > 100


def test_everybody_has_papers_of_their_own_and_old_people_are_old() -> None:
    people = [(group, person) for group in groups(world(1000)) for person in group.parties]
    documents = {person.papers.document for _, person in people}
    assert len(documents) == len(people)
    assert all(document.startswith("00 00 ") for document in documents)
    for group in groups(world(300)):
        for line in (line for line in group.lines if line.role == "E"):
            person = group.parties[group.contracts[line.contract].party]
            if line.is_main:
                assert person.papers.birth_date.year < 1962


def test_id_12_home_contracts_have_account_numbers_and_name_where_their_codes_go() -> None:
    every = [contract for group in groups(world(1000)) for contract in group.contracts]
    home = [contract for contract in every if contract.account_number]
    assert {contract.number[0] for contract in home} == {"2", "3"}
    assert len({contract.account_number for contract in home}) == len(home)
    assert all(contract.contact_number and contract.contact_email for contract in home)
    entered = sum(contract.entered for contract in home) / len(home)
    assert 0.7 < entered < 0.9
    assert not [contract for contract in every if contract.entered and not contract.account_number]


def test_every_sim_is_one_of_the_test_network() -> None:
    for group in groups(world(50)):
        for line in group.lines:
            assert line.imsi == (f"99901{line.number[2:]}" if line.service == "mobile" else "")


def test_id_12_one_customer_has_only_a_dish() -> None:
    first = next(groups(world(10)))
    dish = [line for line in first.lines if line.service == "satellite"]
    assert [line.number for line in dish] == ["sat-000001"]
    contract = first.contracts[dish[0].contract]
    assert [line for line in first.lines if first.contracts[line.contract].party == contract.party] == dish
    assert contract.contact_number not in {line.number for line in first.lines}
