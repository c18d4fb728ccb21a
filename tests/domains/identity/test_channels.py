"""Codes over every channel: one set of limits a number, whatever a code was sent to and by what."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from abonent.domains.identity import actions, guards, models, rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, CodeError, Purpose, Refusal, TooMany, WrongCode
from abonent.domains.messaging import models as messaging
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import AT_ONCE, at_once
from tests.factories import identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
ADDRESS = "anna@example.org"


def sent(number: str = NUMBER, **changes: object) -> UUID:
    """Send a code as `identity.challenge` does, with what is to be different."""
    facts: dict[str, object] = {
        "purpose": Purpose.ENTRY, "number": number, "subject": 1, "again": None, "origin": Origin(),
        "host": "abonent.test", "language": "ru", "at": now(),
    }  # fmt: skip
    return actions.send_code(**facts | changes)  # type: ignore[arg-type]


def by_email(address: str = ADDRESS, hidden: str = NUMBER, subject: int | None = 1) -> UUID:
    return sent(address, purpose=Purpose.EMAIL, channel=Channel.EMAIL, hidden=hidden, subject=subject)


def guess(challenge: UUID, purpose: Purpose = Purpose.EMAIL, code: str = "") -> actions.RightCode:
    typed = code or identity.wrong_code_of(challenge)
    return actions.check_code(challenge_id=challenge, purpose=purpose, typed=typed, at=now())


def lift_sends() -> None:
    models.NumberGuard.objects.update(sends=[])


def states() -> list[tuple[str, str, str]]:
    rows = messaging.Message.objects.order_by("created_at")
    return [(message.channel, message.recipient, message.state) for message in rows]


def test_id_9_the_call_says_the_code_of_the_message() -> None:
    challenge = sent()
    code = identity.code_of(challenge)
    lift_sends()
    assert sent(again=challenge, channel=Channel.VOICE) == challenge
    assert identity.code_of(challenge) == code
    assert models.Challenge.objects.get().channel == Channel.VOICE
    assert states() == [("sms", NUMBER, "queued"), ("voice", NUMBER, "queued")]


def test_a_withheld_call_leaves_the_code_good() -> None:
    challenge = sent(channel=Channel.VOICE, withheld=True)
    assert states() == [("voice", NUMBER, "withheld")]
    assert guess(challenge, Purpose.ENTRY, identity.code_of(challenge)).subject == 1


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_id_17_messages_that_cost_money_go_to_allowed_ranges_only(settings, channel: Channel) -> None:  # type: ignore[no-untyped-def]
    settings.ALLOWED_RANGES = ("+7900", "+7911")
    sent("contract 1", channel=channel, address="+79110000001")
    sent("contract 2", channel=channel, address="+37270000001")
    assert [state for _, _, state in states()] == ["queued", "withheld"]


def test_every_channel_counts_for_the_number() -> None:
    sent()
    for refused in (
        lambda: sent(channel=Channel.VOICE),
        lambda: sent(purpose=Purpose.CONFIRM, channel=Channel.EMAIL, address=ADDRESS),
    ):
        with pytest.raises(TooMany) as error:
            refused()
        assert error.value.refusal is Refusal.SENDS


def test_id_17_an_address_whose_number_had_enough_looks_like_one_of_nobody() -> None:
    models.NumberGuard.objects.create(number=NUMBER, sends=[], failures=[now()] * 10, seen_at=now())
    refused, nobody = by_email(), by_email("nobody@example.org", hidden="", subject=None)
    assert states() == [("email", ADDRESS, "withheld"), ("email", "nobody@example.org", "withheld")]
    for challenge in (refused, nobody):
        for code in (identity.wrong_code_of(challenge), identity.code_of(challenge)):
            with pytest.raises(WrongCode):
                guess(challenge, code=code)


def test_a_wrong_guess_of_an_address_counts_for_its_number_and_the_right_one_takes_its_own_back() -> None:
    challenge = by_email()
    with pytest.raises(WrongCode):
        guess(challenge)
    right = guess(challenge, code=identity.code_of(challenge))
    guards_now = {guard.number: guard for guard in models.NumberGuard.objects.all()}
    assert {name: len(guard.failures) for name, guard in guards_now.items()} == {ADDRESS: 2, NUMBER: 2}
    actions.use_code(right, at=now())
    guards_now = {guard.number: guard for guard in models.NumberGuard.objects.all()}
    assert {name: len(guard.failures) for name, guard in guards_now.items()} == {ADDRESS: 1, NUMBER: 1}
    assert guards_now[ADDRESS].failures_in_a_row == 0
    assert guards_now[NUMBER].failures_in_a_row == 1, "an address proves nothing about the number"


def test_spraying_over_addresses_contracts_and_the_number_never_exceeds_ten_a_day() -> None:
    looked_at = 0
    for round_ in range(6):
        lift_sends()
        for challenge, purpose in (
            (sent(), Purpose.ENTRY),
            (by_email(f"a{round_}@example.org", hidden=NUMBER), Purpose.EMAIL),
            (sent(f"contract {round_}", purpose=Purpose.CONTRACT, address=NUMBER, hidden=NUMBER), Purpose.CONTRACT),
        ):
            lift_sends()
            for _ in range(rules.TRIES_PER_CODE):
                before = len(models.NumberGuard.objects.get(number=NUMBER).failures)
                with pytest.raises(CodeError):
                    guess(challenge, purpose)
                looked_at += len(models.NumberGuard.objects.get(number=NUMBER).failures) - before
        if looked_at >= rules.FAILURES.most:
            break
    assert looked_at == rules.FAILURES.most
    lift_sends()
    late = models.Challenge.objects.filter(purpose=Purpose.CONTRACT).order_by("-created_at").first()
    assert late
    models.Challenge.objects.filter(id=late.id).update(tries_left=3)
    with pytest.raises(WrongCode):
        guess(late.id, Purpose.CONTRACT, identity.code_of(late.id))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_over_numbers_and_addresses_check_ten_a_day_at_most() -> None:
    challenges = []
    for place in range(5):
        lift_sends()
        challenges.append((sent(), Purpose.ENTRY))
        lift_sends()
        challenges.append((by_email(f"a{place}@example.org"), Purpose.EMAIL))
    lift_sends()
    right = {challenge: identity.code_of(challenge) for challenge, _ in challenges}
    wrong = {challenge: identity.wrong_code_of(challenge) for challenge, _ in challenges}
    answers = at_once(lambda place: guess(*challenges[place % 10], wrong[challenges[place % 10][0]]))
    assert all(isinstance(answer, CodeError) for answer in answers)
    assert len(models.NumberGuard.objects.get(number=NUMBER).failures) == rules.FAILURES.most
    models.Challenge.objects.update(tries_left=3)
    for challenge, purpose in challenges:
        with pytest.raises((WrongCode, TooMany)):
            guess(challenge, purpose, right[challenge])


def by_contract(number: str, subject: int | None = 1) -> UUID:
    """Send a code by SMS to the contact number of a contract."""
    return sent(number, purpose=Purpose.CONTRACT, address=NUMBER, hidden=NUMBER, subject=subject)


def test_messages_to_a_stranger_s_number_do_not_close_the_way_by_e_mail() -> None:
    sent()
    by_email()
    by_contract("contract 1")
    assert [state for _, _, state in states()] == ["queued", "queued", "withheld"]


@pytest.mark.django_db(transaction=True)
def test_a_number_and_contracts_of_it_asked_for_at_once_send_one_code_and_wait_for_nobody() -> None:
    answers = at_once(lambda place: sent() if place % 2 else by_contract(f"contract {place}"))
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, TooMany)]
    assert [state for _, _, state in states()].count("queued") == 1
    assert len(models.NumberGuard.objects.get(number=NUMBER).sends) == 1
    assert messaging.Message.objects.count() == models.SendFlow.objects.get(key="everybody").sends
    assert AT_ONCE // 2 <= messaging.Message.objects.count() <= AT_ONCE // 2 + 1


@pytest.mark.django_db(transaction=True)
def test_sending_again_guessing_and_using_at_once_wait_for_nobody() -> None:
    challenge = by_email()
    code, wrong = identity.code_of(challenge), identity.wrong_code_of(challenge)
    lift_sends()

    def act(place: int) -> object:
        if place % 3 == 0:
            return sent(
                ADDRESS, purpose=Purpose.EMAIL, channel=Channel.EMAIL, hidden=NUMBER, again=challenge, solved=True
            )
        if place % 3 == 1:
            return guess(challenge, code=wrong)
        return actions.use_code(guess(challenge, code=code), at=now())

    answers = at_once(act)
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, CodeError)]


def test_what_stands_for_nobody_is_forgotten_whatever_it_counted() -> None:
    challenge = by_email("nobody@example.org", hidden="", subject=None)
    with pytest.raises(WrongCode):
        guess(challenge)
    assert models.NumberGuard.objects.filter(number=guards.stand_in("nobody@example.org")).exists()
    actions.forget(before=now() + timedelta(days=2))
    assert not models.NumberGuard.objects.filter(number__startswith="nobody ").exists()


def test_a_notice_in_place_of_a_code_is_sent_though_no_code_is_right() -> None:
    challenge = sent(ADDRESS, purpose=Purpose.ADDRESS, channel=Channel.EMAIL, subject=None, instead="address_taken")
    message = messaging.Message.objects.get()
    assert (message.template, message.state) == ("address_taken", "queued")
    with pytest.raises(WrongCode):
        guess(challenge, Purpose.ADDRESS, identity.code_of(challenge))
