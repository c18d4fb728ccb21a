"""Values: phone numbers and periods."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from abonent.foundation.values import InvalidNumber, Msisdn, Period


@pytest.mark.parametrize(
    "typed",
    [
        "9000000001",
        "8(900)000-00-01",
        "+7 900 000-00-01",
        "+7\u00a0900\u00a0000\u00a000\u00a001",
        "tel:+79000000001",
        "89000000001",
        "7 900 000 00 01",
        " 900 000 00 01 ",
    ],
)
def test_id_1_understands_a_number_however_it_is_typed(typed: str) -> None:
    assert Msisdn.parse(typed) == Msisdn("+79000000001")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("900 12", "too_short"),
        ("900 000 00 0a", "letters"),
        ("9" * 20, "too_long"),
        ("1" * 5000, "too_long"),
    ],
)
def test_id_1_says_what_is_wrong_with_a_number(typed: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        Msisdn.parse(typed)
    assert caught.value.reason == reason


def test_a_period_is_whole_local_days_whatever_their_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = Period.of_days(date(2026, 3, 29), date(2026, 3, 29), berlin)
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=23)
    assert period.start in period
    assert period.end not in period


def test_a_period_without_a_zone_or_that_ends_before_it_starts_is_refused() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        Period(start, start.replace(tzinfo=None))
    with pytest.raises(ValueError, match="ends after"):
        Period(start, start - timedelta(seconds=1))
