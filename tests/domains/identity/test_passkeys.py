"""Passkeys against everything somebody could send in place of the right answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from abonent.domains.identity import models, passkeys, queries
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.factors.rules import (
    PASSKEYS_MAX,
    ChallengeGone,
    PasskeyCopied,
    TooManyPasskeys,
    WrongFactor,
)
from abonent.domains.identity.rules import EventKind
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import factors as factories
from tests.factories.factors import SITE, Authenticator, b64

pytestmark = pytest.mark.django_db


def prove(answer: str, challenge: bytes, **given: object) -> int:
    return passkeys.prove(**{"answer": answer, "challenge": challenge, "site": SITE, "at": now(), **given})  # type: ignore[arg-type]


def asked(account_id: int | None = None) -> tuple[str, bytes]:
    challenge = passkeys.new_challenge()
    return passkeys.asking(site=SITE, challenge=challenge, account_id=account_id), challenge


def test_id_15_a_passkey_says_whose_it_is_without_a_name() -> None:
    account = factories.account()
    device = factories.with_passkey(account)
    options, challenge = asked()
    assert json.loads(options)["allowCredentials"] == []
    assert json.loads(options)["userVerification"] == "required"
    assert prove(device.use(options), challenge) == account
    assert factors_of(account).passkeys[0].last_used_at is not None
    assert queries.standing(account).has_passkey
    assert [kind for (kind,) in models.SecurityEvent.objects.values_list("kind")] == [EventKind.FACTOR_ADDED]


def test_making_one_asks_for_a_check_of_the_person_and_leaves_out_devices_that_have_one() -> None:
    account = factories.account()
    device = factories.with_passkey(account)
    options = json.loads(
        passkeys.making(account_id=account, site=SITE, person="Анна", challenge=passkeys.new_challenge())
    )
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert [held["id"] for held in options["excludeCredentials"]] == [b64(device.credential_id)]
    assert options["user"]["id"] == device.handle
    assert len(options["user"]["id"]) == 43, "it says nothing of whose it is"


def test_an_answer_is_good_once() -> None:
    device = factories.with_passkey(factories.account(), Authenticator(counts=False))
    options, challenge = asked()
    answer = device.use(options)
    prove(answer, challenge)
    with pytest.raises(ChallengeGone):
        prove(answer, challenge)
    with pytest.raises(ChallengeGone):
        prove(device.use(options), challenge)


@pytest.mark.django_db(transaction=True)
def test_an_answer_sent_thirty_times_at_once_is_good_once() -> None:
    account = factories.account()
    device = factories.with_passkey(account, Authenticator(counts=False))
    options, challenge = asked()
    answer = device.use(options)
    answers = at_once(lambda _: prove(answer, challenge))
    assert [answer for answer in answers if isinstance(answer, int)] == [account]
    assert all(isinstance(answer, int | ChallengeGone) for answer in answers)


def test_an_answer_to_another_question_from_another_place_or_unchecked_is_wrong() -> None:
    device = factories.with_passkey(factories.account())
    options, challenge = asked()
    wrong = [
        device.use(asked()[0]),
        device.use(options, origin="https://evil.test"),
        device.use(options, origin="http://testserver.evil.test"),
        device.use(options, domain="evil.test"),
        device.use(options, flags=0x01),
        device.use(options, flags=0x04),
        device.use(options, type="webauthn.create"),
        Authenticator(credential_id=device.credential_id, handle=device.handle, count=9).use(options),
        Authenticator(handle=device.handle).use(options),
        json.dumps(json.loads(device.use(options)) | {"id": "x"}),
    ]
    for answer in wrong:
        with pytest.raises(WrongFactor):
            prove(answer, challenge)
    assert models.SpentChallenge.objects.count() == 1, "the one of its making"
    assert models.Passkey.objects.get().last_used_at is None


def test_as_a_proof_of_one_account_anothers_passkey_is_wrong() -> None:
    mine, other = factories.account(), factories.account()
    factories.with_passkey(mine)
    device = factories.with_passkey(other)
    options, challenge = asked(mine)
    with pytest.raises(WrongFactor):
        prove(device.use(options), challenge, account_id=mine)
    assert prove(device.use(options), challenge) == other


def test_somebody_elses_handle_under_ones_own_key_is_wrong() -> None:
    victim = factories.with_passkey(factories.account())
    device = factories.with_passkey(factories.account())
    device.handle = victim.handle
    options, challenge = asked()
    with pytest.raises(WrongFactor):
        prove(device.use(options), challenge)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_copy_that_counts_back_is_refused(count: int) -> None:
    device = factories.with_passkey(factories.account(), Authenticator(count=0))
    for _ in range(5):
        options, challenge = asked()
        prove(device.use(options), challenge)
    copy = replace(device, count=count - 1)
    options, challenge = asked()
    with pytest.raises(PasskeyCopied):
        prove(copy.use(options), challenge)
    assert models.Passkey.objects.get().sign_count == 5
    assert prove(device.use(options), challenge)


@pytest.mark.django_db(transaction=True)
def test_two_copies_at_the_same_moment_enter_once() -> None:
    device = factories.with_passkey(factories.account())
    questions = [asked() for _ in range(8)]
    answers = at_once(lambda n: prove(replace(device, count=1).use(questions[n][0]), questions[n][1]), 8)
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert sum(isinstance(answer, PasskeyCopied) for answer in answers) == 7


HOSTILE = ["", "null", "[]", "{}", "x", '{"id": null}', '{"id": "\\u0000"}', '{"id": 1}', '{"id": "я"}', "[" * 5000,
           '{"id":"a","rawId":"a","type":"public-key","response":[]}', "9" * 30_000,
           '{"id":"a","rawId":"a","type":"public-key","response":{"userHandle":[1]}}']  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_in_place_of_an_answer_is_wrong_and_breaks_nothing(answer: str) -> None:
    account = factories.account()
    with pytest.raises(WrongFactor):
        prove(answer, passkeys.new_challenge())
    with pytest.raises(WrongFactor):
        passkeys.add(
            account_id=account, answer=answer, challenge=passkeys.new_challenge(), site=SITE, name="x", at=now()
        )
    assert not queries.standing(account).has_passkey


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("content", ["", "AAAA", "!!!", "я", None, 5, ["x"], {"a": 1}, "A" * 10_000])
def test_any_text_in_a_part_of_an_answer_is_wrong_and_breaks_nothing(part: str, content: object) -> None:
    device = factories.with_passkey(factories.account())
    options, challenge = asked()
    answer = json.loads(device.use(options))
    answer["response"][part] = content
    if part == "userHandle" and not content:
        assert prove(json.dumps(answer), challenge)
        return
    with pytest.raises(WrongFactor):
        prove(json.dumps(answer), challenge)


def make(device: Authenticator, account_id: int, **changes: object) -> int:
    challenge = passkeys.new_challenge()
    options = passkeys.making(account_id=account_id, site=SITE, person="Анна", challenge=challenge)
    answer = device.make(options, **changes)  # type: ignore[arg-type]
    return passkeys.add(account_id=account_id, answer=answer, challenge=challenge, site=SITE, name="я" * 99, at=now())


def test_one_made_elsewhere_or_without_a_check_of_the_person_is_not_kept() -> None:
    account = factories.account()
    for changes in (
        {"origin": "https://evil.test"},
        {"domain": "evil.test"},
        {"flags": 0x41},
        {"type": "webauthn.get"},
    ):
        with pytest.raises(WrongFactor):
            make(Authenticator(), account, **changes)
    assert factors_of(account).passkeys == ()
    assert models.SecurityEvent.objects.count() == 0


def test_a_passkey_that_somebody_has_already_is_nobody_elses() -> None:
    device = factories.with_passkey(factories.account())
    thief = factories.account()
    with pytest.raises(WrongFactor):
        make(device, thief)
    assert not queries.standing(thief).has_passkey


def test_an_account_has_so_many_and_no_more() -> None:
    account = factories.account()
    for _ in range(PASSKEYS_MAX):
        make(Authenticator(), account)
    with pytest.raises(TooManyPasskeys):
        make(Authenticator(), account)
    assert len(factors_of(account).passkeys) == PASSKEYS_MAX


def test_its_owner_names_and_removes_it_and_nobody_else_does() -> None:
    account, stranger = factories.account(), factories.account()
    device = factories.with_passkey(account)
    kept = factors_of(account).passkeys[0].id
    for refused in (
        lambda: passkeys.rename(account_id=stranger, passkey_id=kept, name="x"),
        lambda: passkeys.remove(account_id=stranger, passkey_id=kept, at=now()),
    ):
        with pytest.raises(LookupError):
            refused()
    passkeys.rename(account_id=account, passkey_id=kept, name="Ноутбук")
    assert factors_of(account).passkeys[0].name == "Ноутбук"
    passkeys.remove(account_id=account, passkey_id=kept, at=now())
    assert not queries.standing(account).has_passkey
    options, challenge = asked()
    with pytest.raises(WrongFactor):
        prove(device.use(options), challenge)


def test_used_questions_are_forgotten_when_nobody_could_answer_them() -> None:
    factories.with_passkey(factories.account())
    assert passkeys.forget(before=now()) == 0
    with time_machine.travel(now() + timedelta(hours=1)):
        assert passkeys.forget(before=now()) == 1
