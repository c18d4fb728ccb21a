"""A question is answered once, by the browser it was put to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from abonent.domains.identity import actions, captcha, models
from abonent.domains.identity.rules_risk import CaptchaKind
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import AT_ONCE, at_once

pytestmark = pytest.mark.django_db
PICTURE = CaptchaKind.PICTURE


def solve(captcha_id: UUID, typed: str, device: str = "browser", kind: CaptchaKind = PICTURE) -> bool:
    return captcha.solve(captcha_id=captcha_id, kind=kind, device=device, typed=typed, at=now())


@pytest.mark.parametrize("kind", CaptchaKind)
def test_the_right_answer_is_good_once(kind: CaptchaKind) -> None:
    asked = captcha.put(device="browser", at=now())
    right = captcha.answer(asked, kind)
    assert solve(asked, f" {right[0]}-{right[1:]} ", kind=kind)
    assert not solve(asked, right, kind=kind)


def test_a_wrong_answer_uses_the_question_up() -> None:
    asked = captcha.put(device="browser", at=now())
    assert not solve(asked, "11111")
    assert not solve(asked, captcha.answer(asked, PICTURE))


def test_another_browser_another_kind_and_ten_minutes_later_answer_nothing() -> None:
    asked, other, old = (captcha.put(device="browser", at=now()) for _ in range(3))
    assert not solve(asked, captcha.answer(asked, PICTURE), device="another")
    assert models.Captcha.objects.get(id=asked).used_at is None
    assert not solve(other, captcha.answer(other, CaptchaKind.WORDS))
    models.Captcha.objects.filter(id=old).update(expires_at=now() - timedelta(seconds=1))
    assert not solve(old, captcha.answer(old, PICTURE))
    assert not solve(uuid4(), "12345")


def test_another_question_takes_the_place_of_the_one_before() -> None:
    first = captcha.put(device="browser", at=now())
    second = captcha.put(device="browser", at=now(), instead_of=first)
    assert list(models.Captcha.objects.values_list("id", flat=True)) == [second]


def test_no_answer_is_stored_anywhere() -> None:
    asked = captcha.put(device="browser", at=now())
    with connection.cursor() as cursor:
        cursor.execute("select t::text from identity_captcha t")
        (row,) = cursor.fetchone()
    assert captcha.answer(asked, PICTURE) not in row.replace(str(asked), "")


def test_what_was_asked_long_ago_is_forgotten() -> None:
    captcha.put(device="browser", at=now())
    actions.forget(before=now() + timedelta(days=2))
    assert not models.Captcha.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_thirty_answers_at_once_let_one_through() -> None:
    asked = captcha.put(device="browser", at=now())
    right = captcha.answer(asked, PICTURE)
    answers = at_once(lambda _: solve(asked, right))
    assert (answers.count(True), answers.count(False)) == (1, AT_ONCE - 1)
