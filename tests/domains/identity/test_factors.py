"""Authenticator apps and recovery codes: each code once, few guesses, whatever comes at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from abonent.domains.identity import actions, hashing, models, pins, queries
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors import guard as factor_guard
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.factors.rules import Factor, FactorPaused, PinForgotten, WrongFactor
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import EventKind, Way
from abonent.foundation import vault
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import AT_ONCE, at_once
from tests.factories import factors as factories

pytestmark = pytest.mark.django_db


def events() -> list[str]:
    return list(models.SecurityEvent.objects.order_by("id").values_list("kind", flat=True))


def guess(account_id: int, typed: str, mark: str = "") -> None:
    factors.prove_totp(account_id=account_id, typed=typed, mark=mark, at=now())


def test_id_15_an_authenticator_app_counts_from_its_first_right_code_on() -> None:
    account = factories.account()
    factors.start_totp(account_id=account, at=now())
    assert not queries.standing(account).has_second_factor
    for typed in (factories.wrong_code(account, now()), ""):
        with pytest.raises(WrongFactor):
            factors.confirm_totp(account_id=account, typed=typed, at=now())
    assert events() == []
    with pytest.raises(WrongFactor):
        guess(account, factories.totp_code(account, now()))
    factors.confirm_totp(account_id=account, typed=factories.totp_code(account, now()), at=now())
    assert queries.standing(account).has_second_factor
    assert events() == [EventKind.FACTOR_ADDED]
    assert factors.totp_begun(account) is None
    with pytest.raises(WrongFactor):
        guess(account, factories.totp_code(account, now()))


def test_a_secret_is_sealed_and_starting_again_never_replaces_one_that_counts() -> None:
    account = factories.account()
    factors.start_totp(account_id=account, at=now())
    first = factors.totp_begun(account)
    assert first
    assert first not in models.Totp.objects.get().secret
    factors.start_totp(account_id=account, at=now())
    assert factors.totp_begun(account) != first
    factors.confirm_totp(account_id=account, typed=factories.totp_code(account, now()), at=now())
    kept = models.Totp.objects.get().secret
    factors.start_totp(account_id=account, at=now())
    assert models.Totp.objects.get().secret == kept


def test_a_code_is_taken_once_and_no_earlier_one_after_it() -> None:
    account = factories.with_totp(factories.account())
    with time_machine.travel(now(), tick=False):
        guess(account, factories.totp_code(account, now()))
        for steps in (0, -1):
            with pytest.raises(WrongFactor):
                guess(account, factories.totp_code(account, now(), steps))
        guess(account, factories.totp_code(account, now(), 1))


@pytest.mark.django_db(transaction=True)
def test_the_same_right_code_sent_thirty_times_at_once_proves_once() -> None:
    account = factories.with_totp(factories.account())
    code = factories.totp_code(account, now())
    answers = at_once(lambda _: guess(account, code))
    assert answers.count(None) == 1
    assert all(answer is None or isinstance(answer, WrongFactor | FactorPaused) for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_thirty_guesses_at_once_check_five_at_most() -> None:
    account = factories.with_totp(factories.account())
    wrong = factories.wrong_code(account, now())
    answers = at_once(lambda _: guess(account, wrong))
    assert sum(isinstance(answer, WrongFactor) for answer in answers) == factor_rules.WRONG_IN_A_ROW_MAX
    assert sum(isinstance(answer, FactorPaused) for answer in answers) == AT_ONCE - factor_rules.WRONG_IN_A_ROW_MAX
    with pytest.raises(FactorPaused):
        guess(account, factories.totp_code(account, now()))


def test_pauses_grow_and_ten_wrong_ones_end_the_day_whatever_is_asked_anew() -> None:
    account = factories.with_totp(factories.account())
    start = at = now()
    wrong, waits = 0, []
    while wrong < 10:
        with time_machine.travel(at, tick=False):
            try:
                guess(account, factories.wrong_code(account, at))
            except FactorPaused as paused:
                waits.append((paused.until - at) // timedelta(minutes=1))
                at = paused.until
            except WrongFactor:
                wrong += 1
    assert waits == [5, 10, 20, 40, 80]
    with time_machine.travel(at, tick=False), pytest.raises(FactorPaused) as paused:
        guess(account, factories.totp_code(account, at))
    assert paused.value.until >= start + timedelta(days=1)
    with time_machine.travel(paused.value.until, tick=False):
        guess(account, factories.totp_code(account, now()))
    guard = models.FactorGuard.objects.get()
    assert guard.failures_in_a_row == 0


def test_a_stranger_who_guesses_does_not_shut_out_a_device_the_account_knows() -> None:
    account = factories.with_totp(factories.account())
    actions.record_sign_in(
        account_id=account, way=Way.CODE, origin=Origin("", "mine"), agent="", in_app=False, at=now()
    )  # fmt: skip
    for _ in range(5):
        with pytest.raises(WrongFactor):
            guess(account, factories.wrong_code(account, now()), mark="a stranger's")
    with pytest.raises(FactorPaused):
        guess(account, factories.totp_code(account, now()), mark="another stranger's")
    guess(account, factories.totp_code(account, now()), mark="mine")


def test_wrong_codes_of_the_app_leave_recovery_codes_alone() -> None:
    account = factories.with_totp(factories.account())
    code = factors.make_codes(account_id=account, at=now())[0]
    for _ in range(5):
        with pytest.raises(WrongFactor):
            guess(account, factories.wrong_code(account, now()))
    assert factors.prove_recovery_code(account_id=account, code=code, mark="", at=now()) == 9


def test_the_statement_and_the_rule_agree_on_every_pause() -> None:
    account = factories.account()
    at = now()
    for in_a_row in (0, 4, 5, 6, 9, 40):
        for ages in ([], [0], [4], [6], [11], [60 * 23] * 3, list(range(0, 100, 10)), list(range(60, 160, 10))):
            failures = sorted(at - timedelta(minutes=age) for age in ages)
            models.FactorGuard.objects.all().delete()
            models.FactorGuard.objects.create(
                account_id=account, scope=Factor.TOTP, failures=failures, failures_in_a_row=in_a_row
            )
            until = factor_rules.next_try_at(failures=failures, failures_in_a_row=in_a_row, now=at)
            try:
                # Inside the test's own transaction, as the statement itself is what is looked at.
                factor_guard.take(account_id=account, factor=Factor.TOTP, mark="", at=at)
                taken = at
            except FactorPaused as paused:
                taken = paused.until
            assert taken == until, (in_a_row, ages)


def test_recovery_codes_are_ten_different_ones_kept_as_hashes_alone() -> None:
    account = factories.account()
    codes = factors.make_codes(account_id=account, at=now())
    assert len(set(codes)) == 10
    kept = "".join(models.RecoveryCode.objects.values_list("hash", flat=True))
    assert not [code for code in codes if code in kept or code.lower() in kept]
    assert factors_of(account).codes_left == 10
    again = factors.make_codes(account_id=account, at=now())
    with pytest.raises(WrongFactor):
        factors.prove_recovery_code(account_id=account, code=codes[0], mark="", at=now())
    assert factors.prove_recovery_code(account_id=account, code=again[0], mark="", at=now()) == 9
    assert events() == [EventKind.CODES_MADE, EventKind.CODES_MADE]


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_sent_thirty_times_at_once_proves_once() -> None:
    account = factories.account()
    code = factors.make_codes(account_id=account, at=now())[0]
    answers = at_once(lambda _: factors.prove_recovery_code(account_id=account, code=code, mark="", at=now()))
    assert [answer for answer in answers if isinstance(answer, int)] == [9]
    assert factors_of(account).codes_left == 9


def test_a_recovery_code_of_another_account_proves_nothing() -> None:
    code = factors.make_codes(account_id=factories.account(), at=now())[0]
    other = factories.account()
    factors.make_codes(account_id=other, at=now())
    with pytest.raises(WrongFactor):
        factors.prove_recovery_code(account_id=other, code=code, mark="", at=now())
    assert factors_of(other).codes_left == 10


def test_recovery_codes_survive_a_change_of_the_key() -> None:
    account = factories.account()
    code = factors.make_codes(account_id=account, at=now())[0]
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[]):
        assert factors.prove_recovery_code(account_id=account, code=code, mark="", at=now()) == 9


def test_recovery_codes_are_kept_as_passwords_are_with_a_salt_of_their_own() -> None:
    one, other = factories.account(), factories.account()
    codes = factors.make_codes(account_id=one, at=now())
    factors.make_codes(account_id=other, at=now())
    kept = list(models.RecoveryCode.objects.order_by("id").values_list("account_id", "hash"))
    salts = {
        account: {hashing.salt_of(hashed) for owner, hashed in kept if owner == account} for account in (one, other)
    }
    assert [len(salts[account]) for account in (one, other)] == [1, 1]
    assert salts[one] != salts[other]
    salt = salts[one].pop()
    assert len(salt) >= 4, "32 bits at least"
    hasher = hashing.PepperedArgon2()
    assert (hasher.memory_cost, hasher.time_cost) == (19456, 2)
    assert [hashed for _, hashed in kept[:10]] == [hashing.of_code(code, salt) for code in codes]
    with override_settings(PASSWORD_PEPPER="another pepper of thirty-two chars"):
        assert hashing.of_code(codes[0], salt) != kept[0][1]


def test_after_a_change_of_the_key_secrets_are_sealed_anew_and_the_old_key_may_go() -> None:
    account = factories.account()
    with override_settings(SECRET_KEY="o" * 50):
        factories.with_totp(account)
        kept = pins.keep_key(account_id=account, key="5e" * 32, instead_of=None, at=now())
        code = factories.totp_code(account, now())
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=["o" * 50]):
        assert (factors.seal_anew(), pins.seal_anew()) == (1, 1)
        assert (factors.seal_anew(), pins.seal_anew()) == (0, 0)
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[]):
        assert factories.totp_code(account, now()) == code
        assert vault.unseal(models.DeviceKey.objects.get(id=kept).key, purpose=pins.PIN_PURPOSE) == "5e" * 32


def test_with_the_key_lost_nothing_is_proven_and_nothing_breaks() -> None:
    account = factories.account()
    with override_settings(SECRET_KEY="o" * 50):
        factories.with_totp(account)
        kept = pins.keep_key(account_id=account, key="5e" * 32, instead_of=None, at=now())
        code = factories.totp_code(account, now())
        other = factories.account()
        factors.start_totp(account_id=other, at=now())
    with pytest.raises(WrongFactor):
        guess(account, code)
    assert factors.totp_begun(other) is None
    assert (factors.seal_anew(), pins.seal_anew()) == (0, 0)
    challenge = pins.ask(account_id=account, device_key_id=kept)
    with pytest.raises(PinForgotten):
        pins.prove(account_id=account, device_key_id=kept, challenge=challenge, answer="0" * 64, at=now())


def test_the_last_factor_takes_the_second_step_and_the_recovery_codes_with_it() -> None:
    account = factories.with_totp(factories.account())
    factors.make_codes(account_id=account, at=now())
    factors.remove_totp(account_id=account, at=now())
    assert not queries.standing(account).has_second_factor
    assert factors_of(account) == factors_of(factories.account())
    assert events()[-1] == EventKind.FACTOR_REMOVED
    factors.remove_totp(account_id=account, at=now())
    assert len(events()) == 3


def test_without_a_factor_no_second_step_can_be_switched_on() -> None:
    account = factories.account()
    factors.ask_for_second(account_id=account, at=now())
    factors.stop_asking(account_id=account, at=now())
    assert not queries.standing(account).has_second_factor
    assert events() == []


def test_a_passkey_is_a_second_factor_from_when_its_owner_says_so() -> None:
    account = factories.account()
    factories.with_passkey(account)
    assert (queries.standing(account).has_passkey, queries.standing(account).has_second_factor) == (True, False)
    factors.ask_for_second(account_id=account, at=now())
    assert queries.standing(account).has_second_factor
    factors.stop_asking(account_id=account, at=now())
    assert (queries.standing(account).has_passkey, queries.standing(account).has_second_factor) == (True, False)


def test_id_11_a_shop_takes_all_factors_away_and_the_owner_hears_of_it() -> None:
    account = factories.with_totp(factories.account())
    factories.with_passkey(account)
    factors.make_codes(account_id=account, at=now())
    factors.remove_all(account_id=account, at=now(), by="agent:7")
    standing = queries.standing(account)
    assert (standing.has_passkey, standing.has_second_factor) == (False, False)
    assert models.SecurityEvent.objects.order_by("-id").values_list("kind", "by").first() == (
        EventKind.FACTOR_REMOVED,
        "agent:7",
    )
