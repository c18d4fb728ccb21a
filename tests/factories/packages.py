"""Packages, what rolls over, and gifts: on sale, bought, given, all the way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from abonent.domains.billing import models
from abonent.domains.billing.gifts import actions as gifts
from abonent.domains.billing.gifts.queries import Gift
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.packages.rules import LeftOver, Source
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.transfers.states import State
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.packages_rules import Hours, Package
from abonent.domains.catalog.rules import Allowance, Bucket, RollOver, TariffVersion, Terms
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import catalog, lines, offers, transfers
from tests.factories.catalog import MIB, SMALL

# As `SMALL`; what is left of minutes goes on for one period, of data for two.
ROLLING = TariffVersion(
    "rolling", "mobile", "phone", {"ru": "Запасливый", "en": "Thrifty"}, date(2024, 1, 1), 30_000,
    Terms(
        (
            Allowance("voice", 600, roll_over=RollOver(1, 300)),
            Allowance("data", 5 * MIB, roll_over=RollOver(2, 4 * MIB)),
            Allowance("sms", 3),
        ),
        SMALL.terms.prices,
    ),
)  # fmt: skip


def package(code: str, bucket: Bucket, amount: int | None, **known: object) -> OfferVersion:
    """Return a package on sale for 100 roubles and 30 days, unless `known` says otherwise."""
    days, hours, renews = known.pop("days", 30), known.pop("hours", None), known.pop("renews", False)
    made = Package(bucket, amount, days, hours, renews)  # type: ignore[arg-type]
    return offers.offer(code, once_minor=10_000, network=(), package=made, **known)


ON_SALE = (
    package("more-data", "data", 2 * MIB),
    package("more-minutes", "voice", 300),
    package("more-messages", "sms", 10),
    package("night", "data", None, hours=Hours(1, 7)),
    package("each-month", "data", 3 * MIB, renews=True),
    package("in-the-north", "data", MIB, regions=("north",)),
)


def load() -> dict[str, int]:
    """Put `ON_SALE` on sale beside services; return the ids of versions by code."""
    return offers.load(*ON_SALE)


def rolling() -> int:
    """Store `ROLLING`, with the world it speaks of, and return its id."""
    catalog.geography()
    return catalog_actions.publish(ROLLING)


def held(
    line: Line, bucket: Bucket, amount: int | None, since: datetime, until: datetime, *, hours: Hours | None = None
) -> UUID:
    """Let the line have something that came as a gift, as if it had long been there."""
    id_ = uuid4()
    models.PackageBucket.objects.create(
        id=id_, line_id=line.id, bucket=bucket, amount=amount, valid_from=since, valid_until=until,
        source=Source.GIFT.value, created_at=since, hour_first=hours.first if hours else None,
        hour_end=hours.end if hours else None,
    )  # fmt: skip
    rating_batch.rate_line_anew(line_id=line.id, period_day=line.period_day, at=since)
    return id_


def left(line: Line, bucket: str, at: datetime, source: Source | None = None) -> list[LeftOver]:
    """Return what is left of a kind, by source if that is asked for."""
    return [
        one
        for one in packages_queries.left_overs(line, at)
        if one.bucket == bucket and (source is None or one.source is source)
    ]


def asked(giver: Line, number: str, amount: int = 2 * MIB, bucket: Bucket = "data") -> Gift:
    """Write down a wish and look its receiver up, as the pages do."""
    account_id = transfers.account_of(giver)
    gift_id = gifts.ask(
        form_id=uuid4(),
        account_id=account_id,
        line=giver,
        number=Msisdn(number),
        bucket=bucket,
        amount=amount,
        at=now(),
    )
    return gifts.look_up(gift_id=gift_id, account_id=account_id, at=now())


def given(giver: Line, receiver: Line, amount: int, bucket: Bucket = "data") -> Gift:
    """Give something, all the way."""
    wish = asked(giver, receiver.number, amount, bucket)
    return gifts.confirm(
        gift_id=wish.id, account_id=transfers.account_of(giver), shown=transfers.code_for(wish, giver), at=now()
    )


def taken() -> list[tuple[object, ...]]:
    """Return what periods took of buckets beside the tariffs' own."""
    rows = models.PackageTaken.objects.order_by("line_id", "period_start", "bucket_id")
    return list(rows.values_list("line_id", "period_start", "bucket_id", "used"))


def moment(month: int, day: int, hour: int = 12) -> datetime:
    """Return a moment of 2026, UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def everything(line: Line, at: datetime) -> tuple[LeftOver, ...]:
    """Return all that is left."""
    return packages_queries.left_overs(line, at)


def written(line: Line) -> models.Gift:
    """Write down that the line gave something to somebody; of what is up to the test."""
    receiver = lines.line()
    return models.Gift.objects.create(
        id=uuid4(), line_from_id=line.id, line_to_id=receiver.id, number_from=line.number, number_to=receiver.number,
        bucket="data", amount=MIB, fee_minor=0, state=State.DONE, asked_at=moment(3, 1), expires_at=moment(3, 1),
        settled_at=moment(3, 1), valid_until=moment(4, 1),
    )  # fmt: skip
