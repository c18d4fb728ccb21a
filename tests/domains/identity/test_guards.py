"""The counters against real requests at once, and against the rules they carry out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.identity import actions, guards, models, queries, rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import CodeError, CodeUsed, Purpose, Refusal, TooMany, WrongCode
from abonent.foundation.clock import now
from tests.factories import identity

NUMBER = "+79000000001"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AT_ONCE = 30
Answer = TypeVar("Answer")


def at_once(work: Callable[[int], Answer], times: int = AT_ONCE) -> list[Answer | Exception]:
    """Do `work` in so many threads, each with its own connection, all let go at the same moment."""
    start = Barrier(times, timeout=60)

    def one(index: int) -> Answer | Exception:
        connection.ensure_connection()
        start.wait()
        try:
            return work(index)
        except Exception as error:  # noqa: BLE001 - the error is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_thirty_guesses_at_once_check_three_at_most() -> None:
    challenge = identity.challenge()
    wrong = identity.wrong_code_of(challenge)
    answers = at_once(
        lambda _: actions.check_code(challenge_id=challenge, purpose=Purpose.ENTRY, typed=wrong, at=now())
    )
    assert sum(isinstance(answer, WrongCode) for answer in answers) == rules.TRIES_PER_CODE
    assert all(isinstance(answer, CodeError) for answer in answers)
    guard = models.NumberGuard.objects.get()
    assert (len(guard.failures), guard.failures_in_a_row) == (3, 3)
    assert models.Challenge.objects.get().tries_left == 0


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_over_many_codes_check_ten_a_day_at_most() -> None:
    challenges = []
    for _ in range(10):
        challenges.append(identity.challenge())
        models.NumberGuard.objects.update(sends=[])
    wrong = {challenge: identity.wrong_code_of(challenge) for challenge in challenges}

    def guess(index: int) -> object:
        challenge = challenges[index % 10]
        return actions.check_code(challenge_id=challenge, purpose=Purpose.ENTRY, typed=wrong[challenge], at=now())

    answers = at_once(guess)
    assert sum(isinstance(answer, WrongCode) for answer in answers) == rules.FAILURES.most
    assert sum(isinstance(answer, TooMany) for answer in answers) == AT_ONCE - rules.FAILURES.most
    assert len(models.NumberGuard.objects.get().failures) == rules.FAILURES.most


@pytest.mark.django_db(transaction=True)
def test_the_right_code_entered_at_once_thirty_times_opens_once() -> None:
    challenge = identity.challenge(subject=7)
    right = identity.code_of(challenge)

    def enter(_: int) -> int:
        found = actions.check_code(challenge_id=challenge, purpose=Purpose.ENTRY, typed=right, at=now())
        actions.use_code(found, at=now())
        return found.subject

    answers = at_once(enter)
    assert [answer for answer in answers if isinstance(answer, int)] == [7]
    assert all(isinstance(answer, int | CodeUsed | rules.CodeSpent) for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_thirty_requests_at_once_send_one_code() -> None:
    at = now()
    answers = at_once(lambda _: guards.take_send(number=NUMBER, origin=Origin("10.0.0.0/24", "browser"), now=at))
    assert answers.count(True) == 1
    assert sum(isinstance(answer, TooMany) for answer in answers) == AT_ONCE - 1
    assert models.SendFlow.objects.get(key="everybody").sends == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_often_at_once_finds_the_challenge_of_the_one_that_was_faster() -> None:
    origin = Origin("10.0.0.0/24", "browser")
    at = now()

    def ask(_: int) -> UUID | None:
        try:
            return actions.send_code(
                purpose=Purpose.ENTRY, number=NUMBER, subject=7, again=None, origin=origin, host="abonent.test",
                language="ru", at=at,
            )  # fmt: skip
        except TooMany:
            return queries.living(purpose=Purpose.ENTRY, number=NUMBER, challenge_id=None, device="browser", now=at)

    assert set(at_once(ask)) == {models.Challenge.objects.get().id}
    for device in ("", "another"):
        assert queries.living(purpose=Purpose.ENTRY, number=NUMBER, challenge_id=None, device=device, now=at) is None


def refusal_now(at: datetime) -> TooMany | None:
    """Ask for a code at `at`; return why there is none, or None: it is sent."""
    try:
        guards.take_send(number=NUMBER, origin=Origin(), now=at)
    except TooMany as refused:
        return refused
    return None


@pytest.mark.django_db
def test_eleven_codes_in_a_row_wait_a_minute_an_hour_a_day() -> None:
    sent, at = [], NOW
    while len(sent) < 11:
        refused = refusal_now(at)
        if refused is None:
            sent.append(at)
        else:
            assert refused.refusal is Refusal.SENDS
            assert refused.until is not None
            at = refused.until
    gaps = [round((b - a).total_seconds()) for a, b in pairwise(sent)]
    assert gaps[:3] == [60, 60, 3480]
    assert sent[9] - sent[0] < timedelta(days=1) <= sent[10] - sent[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "cap"),
    [(Origin("10.0.0.0/24", ""), rules.SENDS_PER_ADDRESS), (Origin("", "browser"), rules.SENDS_PER_DEVICE)],
)
def test_id_17_one_sender_is_slowed_down_and_nobody_else(origin: Origin, cap: rules.Cap) -> None:
    for index in range(cap.most):
        guards.take_send(number=f"+7900{index:03}0000", origin=origin, now=NOW, solved=True)
    with pytest.raises(TooMany) as refused:
        guards.take_send(number="+79009999999", origin=origin, now=NOW, solved=True)
    assert refused.value.refusal is Refusal.BUSY
    assert not models.NumberGuard.objects.filter(number="+79009999999").exists()
    guards.take_send(number="+79009999999", origin=Origin("10.0.1.0/24", "other"), now=NOW, solved=True)
    assert refused.value.until is not None
    guards.take_send(number="+79009999998", origin=origin, now=refused.value.until, solved=True)


@pytest.mark.django_db
def test_a_refused_request_uses_up_nobody_elses_allowance() -> None:
    origin = Origin("10.0.0.0/24", "browser")
    guards.take_send(number=NUMBER, origin=origin, now=NOW)
    for _ in range(5):
        with pytest.raises(TooMany):
            guards.take_send(number=NUMBER, origin=origin, now=NOW)
    assert {flow.sends for flow in models.SendFlow.objects.all()} == {1}


@pytest.mark.django_db
def test_a_new_code_resets_no_failure_and_the_hundredth_stops_the_number_until_it_is_proven() -> None:
    at = NOW
    for _ in range(34):
        models.NumberGuard.objects.update(sends=[], failures=[])
        challenge = identity.challenge(NUMBER)
        wrong = identity.wrong_code_of(challenge)
        for _ in range(3):
            with pytest.raises((WrongCode, TooMany)):
                actions.check_code(challenge_id=challenge, purpose=Purpose.ENTRY, typed=wrong, at=now())
    assert models.NumberGuard.objects.get().failures_in_a_row == rules.FAILURES_IN_A_ROW_MAX
    with pytest.raises(TooMany) as stopped:
        guards.take_send(number=NUMBER, origin=Origin(), now=at + timedelta(days=365))
    assert (stopped.value.refusal, stopped.value.until) == (Refusal.STOPPED, None)
    actions.prove_number_anew(number=NUMBER)
    guards.take_send(number=NUMBER, origin=Origin(), now=at + timedelta(days=365))


class TheStatementAndTheRule(TestCase):
    """What the SQL lets through is what the rule allows."""

    moments = st.lists(st.integers(0, 90000).map(lambda s: NOW - timedelta(seconds=s)), max_size=12)

    @settings(max_examples=60)
    @given(moments, moments, st.sampled_from([0, 1, 99, 100, 101]))
    def test_agree_on_every_guard(self, sends: list[datetime], failures: list[datetime], in_a_row: int) -> None:
        models.NumberGuard.objects.create(
            number=NUMBER, sends=sends, failures=failures, failures_in_a_row=in_a_row, seen_at=NOW
        )
        expected = rules.refusal_of(sends=sends, failures=failures, failures_in_a_row=in_a_row, now=NOW)
        refused = refusal_now(NOW)
        assert (refused and (refused.refusal, refused.until)) == (expected and (expected.refusal, expected.until))
