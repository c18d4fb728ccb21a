"""What Hypothesis draws for rating: usage that meets every rule, allowance and edge of the small catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from abonent.domains.billing.rules import Usage
from tests.factories.catalog import MIB

ZONE = ZoneInfo("Europe/Moscow")
START = datetime(2026, 2, 26, 20, tzinfo=UTC)

# Few different moments, so that several records start at once; around the ends of periods and months.
moments = st.one_of(
    st.sampled_from([START, START + timedelta(days=12)]),
    st.integers(0, 30).map(lambda hours: START + timedelta(hours=12 * hours)),
    st.sampled_from([datetime(2026, 3, 9, 20, 59, 59, 999_999, UTC), datetime(2026, 3, 9, 21, tzinfo=UTC)]),
)
peers = st.just("+79161234567") | st.sampled_from(
    [
        "+79001112233",
        "+79161234567",
        "+77011234567",
        "+76001112233",
        "+4930123456",
        "88002509890",
        "112",
        "0890",
        "4040",
        "Гороскоп",
        "Bank",
        "",
        "+7",
        "+",
    ]
)
zones = st.sampled_from(["home"] * 4 + ["", "cis", "sea", "unheard-of"])


@st.composite
def usages(draw: st.DrawFn) -> list[Usage]:
    """Draw the records of a line; no two have the same source and id."""
    return draw(
        st.lists(
            st.builds(
                Usage,
                started_at=moments,
                source_id=st.integers(1, 2),
                record_id=st.text("AZaz09éя", min_size=1, max_size=4),
                kind=st.sampled_from(["voice"] * 4 + ["data"] * 3 + ["sms", "mms", "content"]),
                direction=st.sampled_from(["out"] * 3 + ["in"]),
                peer=peers,
                duration_s=st.sampled_from([0, 1, 59, 60, 61, 180, 240]),
                bytes=st.sampled_from([0, 1, 100 * 1024, MIB, MIB + 1, 10**12]),
                units=st.integers(0, 3),
                zone=zones,
            ),
            min_size=draw(st.sampled_from([0, 10])),
            max_size=25,
            unique_by=lambda usage: (usage.source_id, usage.record_id),
        )
    )
