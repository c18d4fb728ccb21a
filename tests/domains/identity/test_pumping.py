"""Floods of codes, as those send them who are paid for messages: what gets through, and who is in their way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from abonent.domains.identity import guards, models, rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import CaptchaNeeded, Refusal, TooMany

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def send(number: str, origin: Origin, at: datetime = NOW, *, solved: bool = False) -> Exception | None:
    """Ask for a code; return the refusal, or None when it is sent."""
    try:
        guards.take_send(number=number, origin=origin, now=at, solved=solved)
    except TooMany as error:
        return error
    return None


def of_block(place: int, block: str = "+7900000") -> str:
    return f"{block}{place:04}"


def through(answers: list[Exception | None]) -> int:
    return answers.count(None)


def test_a_thousand_numbers_of_one_block_from_a_thousand_places_stop_at_a_captcha() -> None:
    flood = [
        send(
            of_block(place),
            Origin(f"10.{place // 250}.{place % 250}.0/24", f"m{place}"),
            NOW + timedelta(seconds=3 * place),
        )
        for place in range(300)
    ]
    assert through(flood) == 60
    assert all(isinstance(answer, CaptchaNeeded) for answer in flood[60:])


def test_people_who_enter_their_codes_meet_no_captcha() -> None:
    models.SendFlow.objects.create(key="block +7900000", window_start=NOW, sends=600, entered=400)
    assert send(of_block(1), Origin("10.0.0.0/24", "mark")) is None


def test_solved_captchas_do_not_lift_the_cap_of_a_block() -> None:
    models.SendFlow.objects.create(
        key="block +7900000", window_start=NOW, sends=rules.SENDS_PER_BLOCK.most - 1, entered=0
    )
    assert send(of_block(1), Origin("10.0.0.0/24", "mark"), solved=True) is None
    refused = send(of_block(2), Origin("10.0.0.0/24", "other"), solved=True)
    assert isinstance(refused, TooMany)
    assert not isinstance(refused, CaptchaNeeded)
    assert (refused.refusal, refused.until) == (Refusal.BUSY, NOW + timedelta(hours=1))
    assert send("+79005550001", Origin("10.0.0.0/24", "third")) is None, "other blocks are not touched"


def test_a_program_without_a_mark_stops_after_twenty() -> None:
    flood = [send(f"+7900{place:03}0001", Origin("10.0.0.0/24", "")) for place in range(100)]
    assert through(flood) == 20
    assert send("+79005550001", Origin("10.0.0.0/24", "a browser")) is None, "people behind that address are served"


def test_one_browser_stops_after_eight_numbers_and_a_solved_captcha_lets_one_through() -> None:
    origin = Origin("10.0.0.0/24", "mark")
    flood = [send(f"+7900{place:03}0001", origin) for place in range(20)]
    assert through(flood) == 8
    assert send("+79005550001", origin, solved=True) is None
    assert isinstance(send("+79005550002", origin), CaptchaNeeded)


def test_the_whole_flow_slows_down_at_a_third_of_its_cap_and_ends_at_it() -> None:
    for sends, refusal in ((599, type(None)), (600, CaptchaNeeded), (1800, TooMany)):
        models.SendFlow.objects.update_or_create(
            key="everybody", defaults={"window_start": NOW, "sends": sends, "entered": 0}
        )
        models.NumberGuard.objects.all().delete()
        assert type(send("+79005550001", Origin("10.0.0.0/24", "mark"))) is refusal


def test_what_is_refused_counts_nowhere() -> None:
    models.SendFlow.objects.create(key="everybody", window_start=NOW, sends=600)
    assert isinstance(send("+79005550001", Origin("10.0.0.0/24", "mark")), CaptchaNeeded)
    assert [flow.sends for flow in models.SendFlow.objects.all()] == [600]
    assert not models.NumberGuard.objects.exists()


def test_who_asks_for_somebody_without_a_browser_meets_no_captcha() -> None:
    models.SendFlow.objects.create(key="everybody", window_start=NOW, sends=600)
    assert send("+79005550001", Origin()) is None


def test_foreign_and_short_numbers_are_blocks_of_their_own() -> None:
    assert rules.block_of("+79001234567") == "+7900123"
    assert rules.block_of("anna@example.org") == ""
