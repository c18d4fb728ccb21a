"""The PIN of the app: the server counts, a stolen device's storage tells nothing, five wrong ones are the end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from abonent.domains.identity import models, pins
from abonent.domains.identity.factors.rules import PIN_TRIES, ChallengeGone, PinForgotten, WrongFactor
from abonent.domains.identity.rules import EventKind
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import AT_ONCE, at_once
from tests.factories import factors as factories

pytestmark = pytest.mark.django_db


def device(account_id: int) -> tuple[UUID, str]:
    key = secrets.token_hex(32)
    return pins.keep_key(account_id=account_id, key=key, instead_of=None, at=now()), key


def answer_of(key: str, challenge: str) -> str:
    return hmac.new(bytes.fromhex(key), challenge.encode(), hashlib.sha256).hexdigest()


def prove(account_id: int, kept: UUID | None, challenge: str, answer: str) -> None:
    pins.prove(account_id=account_id, device_key_id=kept, challenge=challenge, answer=answer, at=now())


def test_cab_20_the_key_that_the_pin_opens_answers_once() -> None:
    account = factories.account()
    kept, key = device(account)
    assert key not in models.DeviceKey.objects.get().key
    assert [event.kind for event in models.SecurityEvent.objects.all()] == [EventKind.PIN_SET]
    challenge = pins.ask(account_id=account, device_key_id=kept)
    prove(account, kept, challenge, answer_of(key, challenge))
    with pytest.raises(ChallengeGone):
        prove(account, kept, challenge, answer_of(key, challenge))
    assert pins.tries_left(kept) == PIN_TRIES


def test_five_wrong_ones_in_a_row_forget_the_key_and_a_new_question_gives_no_try_back() -> None:
    account = factories.account()
    kept, key = device(account)
    for left in (4, 3, 2, 1):
        challenge = pins.ask(account_id=account, device_key_id=kept)
        with pytest.raises(WrongFactor):
            prove(account, kept, challenge, "0" * 64)
        assert pins.tries_left(kept) == left
    challenge = pins.ask(account_id=account, device_key_id=kept)
    with pytest.raises(PinForgotten):
        prove(account, kept, challenge, "0" * 64)
    assert models.DeviceKey.objects.count() == 0
    with pytest.raises(PinForgotten):
        pins.ask(account_id=account, device_key_id=kept)
    with pytest.raises(PinForgotten):
        prove(account, kept, challenge, answer_of(key, challenge))


def test_a_right_one_ends_the_row() -> None:
    account = factories.account()
    kept, key = device(account)
    for _ in range(3):
        for _ in range(PIN_TRIES - 1):
            with pytest.raises(WrongFactor):
                prove(account, kept, pins.ask(account_id=account, device_key_id=kept), "x")
        challenge = pins.ask(account_id=account, device_key_id=kept)
        prove(account, kept, challenge, answer_of(key, challenge))


@pytest.mark.django_db(transaction=True)
def test_thirty_guesses_at_once_look_at_one_answer_to_a_question() -> None:
    account = factories.account()
    kept, _ = device(account)
    challenge = pins.ask(account_id=account, device_key_id=kept)
    answers = at_once(lambda n: prove(account, kept, challenge, f"{n:064x}"))
    assert sum(isinstance(answer, WrongFactor) for answer in answers) == 1
    assert sum(isinstance(answer, ChallengeGone) for answer in answers) == AT_ONCE - 1
    assert pins.tries_left(kept) == PIN_TRIES - 1


@pytest.mark.django_db(transaction=True)
def test_thirty_guessers_at_once_who_each_ask_look_at_five_answers() -> None:
    account = factories.account()
    kept, _ = device(account)

    def guess(n: int) -> None:
        for _ in range(20):
            try:
                prove(account, kept, pins.ask(account_id=account, device_key_id=kept), f"{n:064x}")
            except ChallengeGone:
                continue

    answers = at_once(guess, 12)
    assert sum(isinstance(answer, WrongFactor) for answer in answers) <= PIN_TRIES - 1
    assert models.DeviceKey.objects.count() == 0 or pins.tries_left(kept) < PIN_TRIES


def test_another_account_or_device_has_no_part_in_it() -> None:
    account, stranger = factories.account(), factories.account()
    kept, key = device(account)
    challenge = pins.ask(account_id=account, device_key_id=kept)
    for whose, which in ((stranger, kept), (account, uuid4()), (account, None)):
        assert not pins.has_key(account_id=whose, device_key_id=which)
        with pytest.raises(PinForgotten):
            prove(whose, which, challenge, answer_of(key, challenge))
        with pytest.raises(PinForgotten):
            pins.ask(account_id=whose, device_key_id=which)
    prove(account, kept, challenge, answer_of(key, challenge))


@pytest.mark.parametrize("key", ["", "1234", "g" * 64, "A" * 64, "a" * 65, "\x00" * 64, "١" * 64])
def test_what_is_no_key_is_not_kept(key: str) -> None:
    with pytest.raises(WrongFactor):
        pins.keep_key(account_id=factories.account(), key=key, instead_of=None, at=now())
    assert models.DeviceKey.objects.count() == 0


def test_a_new_pin_takes_the_place_of_the_devices_old_one() -> None:
    account = factories.account()
    first, _ = device(account)
    second = pins.keep_key(account_id=account, key="a" * 64, instead_of=first, at=now())
    assert list(models.DeviceKey.objects.values_list("id", flat=True)) == [second]
    pins.forget_key(device_key_id=second)
    pins.forget_key(device_key_id=None)
    assert models.DeviceKey.objects.count() == 0


def test_an_empty_question_is_answered_by_nobody() -> None:
    account = factories.account()
    kept, key = device(account)
    with pytest.raises(ChallengeGone):
        prove(account, kept, "", answer_of(key, ""))
    assert pins.tries_left(kept) == PIN_TRIES


def test_devices_not_seen_for_long_are_forgotten() -> None:
    device(factories.account())
    assert pins.forget(before=now() - timedelta(days=1)) == 0
    assert pins.forget(before=now() + timedelta(seconds=1)) == 1
