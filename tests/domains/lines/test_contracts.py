"""Entry by the number of a contract or account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.customers import queries as customers
from abonent.domains.customers.models import Contract
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.models import Account, NumberGuard
from abonent.domains.identity.rules import Channel, CodeError, CodeExpired, Purpose, TooMany, WrongCode
from abonent.domains.lines import actions, contracts, models, queries
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import identity, lines
from tests.factories.customers import contract as signed

pytestmark = pytest.mark.django_db
CONTACT = "+79009990001"
EMAIL = "dish@example.org"


def dish(*, entered: bool = True, contract_id: int | None = None, number: str = "sat-1") -> Line:
    """Open a satellite line on a contract of its own, with contacts."""
    contract_id = contract_id or signed()
    Contract.objects.filter(id=contract_id).update(
        number=f"30000000{contract_id % 10}", account_number=f"880000000{contract_id % 10}", contact_number=CONTACT,
        contact_email=EMAIL, entered_at=now() if entered else None,
    )  # fmt: skip
    return lines.line(number=number, service="satellite", contract_id=contract_id, is_main=False)


def numbers_of(line: Line) -> tuple[str, str]:
    contract = customers.contract(line.contract_id)
    assert contract
    return contract.number, contract.account_number or ""


def asked(number: str, channel: Channel = Channel.SMS, **changed: Any) -> UUID:
    NumberGuard.objects.update(sends=[])
    return contracts.request_code(
        number=number, channel=channel, again=None, origin=changed.pop("origin", Origin(device="mark")),
        host="abonent.test", language="ru", at=now(),
    )  # fmt: skip


def entered(challenge: UUID) -> actions.Entered:
    return contracts.enter(challenge_id=challenge, typed=identity.code_of(challenge), language="ru", at=now())


def test_id_12_contract_and_account_number_open_the_same_cabinet() -> None:
    line = dish()
    number, account = numbers_of(line)
    one, two = entered(asked(number)), entered(asked(account))
    assert one == two
    assert one.line_id == line.id
    assert [own.id for own in queries.of_account(one.account_id)] == [line.id]
    assert not one.held


def test_id_6_the_code_goes_where_the_person_chose() -> None:
    line = dish()
    asked(numbers_of(line)[0])
    asked(numbers_of(line)[0], Channel.EMAIL)
    sent = list(Message.objects.order_by("created_at").values_list("channel", "recipient", "state"))
    assert sent == [("sms", CONTACT, "queued"), ("email", EMAIL, "queued")]
    assert entered(asked(numbers_of(line)[1], Channel.EMAIL)).line_id == line.id


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_id_12_nothing_opens_before_an_agent_entered_who_the_customer_is(channel: Channel) -> None:
    line = dish(entered=False)
    with pytest.raises(WrongCode):
        entered(asked(numbers_of(line)[0], channel))
    assert Message.objects.get().state == "withheld"
    assert Account.objects.count() == models.LineAccess.objects.count() == 0


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_id_17_an_unknown_number_costs_the_same_and_gets_nothing(channel: Channel) -> None:
    number = numbers_of(dish())[0]
    with CaptureQueriesContext(connection) as known:
        asked(number, channel)
    with CaptureQueriesContext(connection) as unknown:
        challenge = asked("300000099", channel)
    assert [query["sql"].split()[0] for query in known] == [query["sql"].split()[0] for query in unknown]
    assert Message.objects.latest("created_at").state == "withheld"
    with pytest.raises(WrongCode):
        entered(challenge)


def test_id_17_a_contract_without_that_contact_looks_like_none() -> None:
    line = dish()
    Contract.objects.update(contact_email="")
    with pytest.raises(WrongCode):
        entered(asked(numbers_of(line)[0], Channel.EMAIL))
    assert Message.objects.get().state == "withheld"


def test_id_17_limits_count_for_the_contact_over_every_way_and_out_of_sight() -> None:
    line = dish()
    NumberGuard.objects.create(
        number=CONTACT, failures=[now() - timedelta(minutes=turn) for turn in range(10)], failures_in_a_row=10,
        seen_at=now(),
    )  # fmt: skip
    challenge = asked(numbers_of(line)[0])
    with pytest.raises(WrongCode):
        entered(challenge)
    assert Account.objects.count() == 0


def test_id_17_guesses_at_a_contract_use_up_those_at_its_contact() -> None:
    line = dish()
    for turn in range(4):
        challenge = asked(numbers_of(line)[turn % 2])
        for _ in range(3):
            with pytest.raises((WrongCode, TooMany)):
                contracts.enter(
                    challenge_id=challenge, typed=identity.wrong_code_of(challenge), language="ru", at=now()
                )
    guard = NumberGuard.objects.get(number=CONTACT)
    assert len(guard.failures) == 10
    NumberGuard.objects.update(sends=[])
    with pytest.raises(TooMany):
        actions.request_code(
            number=Msisdn(CONTACT), purpose=Purpose.ENTRY, again=None, origin=Origin(), host="abonent.test",
            language="ru", at=now(),
        )  # fmt: skip


def test_id_12_it_joins_the_account_that_proved_the_partys_main_number() -> None:
    mobile = lines.line(number="+79000000001")
    account = identity.account()
    actions.give_access(line_id=mobile.id, account_id=account, at=now())
    second = signed()
    Contract.objects.filter(id=second).update(party_id=mobile.party_id)
    line = dish(contract_id=second)
    assert entered(asked(numbers_of(line)[0])).account_id == account


def test_id_12_without_a_proven_main_number_it_is_an_account_of_its_own_with_all_lines_of_the_contract() -> None:
    line = dish()
    tv = lines.line(number="tv-1", service="tv", contract_id=line.contract_id, is_main=False)
    done = entered(asked(numbers_of(line)[0]))
    assert {own.id for own in queries.of_account(done.account_id)} == {line.id, tv.id}
    assert Account.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_id_12_two_first_entries_at_once_agree_on_one_account() -> None:
    line = dish()
    challenges = [asked(numbers_of(line)[turn % 2]) for turn in range(4)]

    def enter(challenge: UUID) -> actions.Entered:
        try:
            return entered(challenge)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(enter, challenges))
    assert len(set(done)) == 1
    assert Account.objects.count() == 1


def test_id_12_a_mobile_number_that_only_a_contract_names_opens_the_contract() -> None:
    line = dish()
    challenge = actions.request_code(
        number=Msisdn(CONTACT), purpose=Purpose.ENTRY, again=None, origin=Origin(), host="abonent.test", language="ru",
        at=now(),
    )  # fmt: skip
    done = actions.enter(challenge_id=challenge, typed=identity.code_of(challenge), language="ru", at=now())
    assert done.line_id == line.id
    assert [own.id for own in queries.of_account(done.account_id)] == [line.id]


@pytest.mark.parametrize("served", [True, False])
def test_a_contact_that_is_a_served_number_opens_its_own_cabinet_only(served: bool) -> None:
    line = dish(entered=served)
    mobile = lines.line(number=CONTACT) if served else None
    challenge = actions.request_code(
        number=Msisdn(CONTACT), purpose=Purpose.ENTRY, again=None, origin=Origin(), host="abonent.test", language="ru",
        at=now(),
    )  # fmt: skip
    if mobile is None:
        with pytest.raises(WrongCode):
            actions.enter(challenge_id=challenge, typed=identity.code_of(challenge), language="ru", at=now())
        return
    done = actions.enter(challenge_id=challenge, typed=identity.code_of(challenge), language="ru", at=now())
    assert [own.id for own in queries.of_account(done.account_id)] == [mobile.id]
    assert queries.account_of(line.id) is None


def test_id_18_a_contact_that_changed_since_opens_nothing() -> None:
    line = dish()
    challenge = asked(numbers_of(line)[0])
    Contract.objects.update(contact_number="+79009990002")
    with pytest.raises(CodeExpired):
        entered(challenge)
    assert Account.objects.count() == 0


def test_id_18_a_contact_number_given_to_another_gets_no_code_of_the_contract() -> None:
    line = dish()
    lines.line(number=CONTACT)
    challenge = asked(numbers_of(line)[0])
    network.note_released(number=CONTACT, at=now(), key="1")
    with pytest.raises(CodeError):
        entered(challenge)
    again = asked(numbers_of(line)[0])
    assert Message.objects.latest("created_at").state == "withheld"
    with pytest.raises(WrongCode):
        entered(again)


def test_id_18_a_contact_whose_sim_was_replaced_proves_nothing_fresh() -> None:
    line = dish()
    lines.line(number=CONTACT)
    network.note_sim_replaced(number=CONTACT, imsi="999010000000001", at=now(), key="1")
    assert entered(asked(numbers_of(line)[0])).held
    assert not entered(asked(numbers_of(line)[0], Channel.EMAIL)).held


def test_id_19_who_proves_a_contract_that_ended_hears_when() -> None:
    line = dish()
    at = now() - timedelta(days=3)
    network.note_terminated(number=line.number, at=at, key="1")
    challenge = asked(numbers_of(line)[0])
    with pytest.raises(actions.ContractEnded) as ended:
        entered(challenge)
    assert ended.value.at == at
    with pytest.raises(CodeError):
        entered(challenge)
    assert Account.objects.count() == 0
