"""Reads of subscriptions of content providers; values, not models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from abonent.domains.billing.content import queries as content_queries
from abonent.domains.billing.content.queries import PartnerFee
from abonent.domains.catalog.providers.rules import PERS, Per
from abonent.domains.identity import queries as accounts
from abonent.domains.lines import queries as lines
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import rules
from abonent.domains.orders.subscriptions.rules import LIVES, OPEN, Rest, State, Terms, Why

SHOWN = 50
# More than any subscription has in the time that a dispute looks back.
FEES_MAX = 1000


class NoSuchSubscription(LookupError):
    """The subscription is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as its payer sees it; `names` say service and provider by language, `price_minor` with VAT.

    `paid_minor` and `paid_times` are all that it cost so far. The rest is as in `models.Subscription`.
    """

    id: UUID
    line_id: int
    provider: str
    external_id: str
    service: str
    names: Mapping[str, str]
    short_number: str
    phone: str
    price_minor: int
    per: Per
    state: State
    why: Why | None
    channel: str
    asked_at: datetime
    expires_at: datetime
    tries_left: int
    told: str
    agreed_at: datetime | None
    agreed_by: str
    first_day: date | None
    end_day: date | None
    try_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    works_until: date | None
    back_minor: int
    disputed_at: datetime | None
    paid_times: int = 0
    paid_minor: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def lives(self) -> bool:
        return self.state in LIVES


@dataclass(frozen=True, slots=True)
class Overview:
    """The subscriptions of a line, the newest first, and since when new ones are banned (None: they are not)."""

    subscriptions: tuple[Subscription, ...]
    banned_since: datetime | None

    def those(self, *states: State) -> list[Subscription]:
        """Return the subscriptions in these states."""
        return [one for one in self.subscriptions if one.state in states]


@dataclass(frozen=True, slots=True)
class Complaints:
    """How many subscriptions of a provider began lately, and how many said that they did not agree."""

    begun: int
    complaints: int

    @property
    def basis_points(self) -> int:
        """Return the share of complaints in 10 000."""
        return self.complaints * 10_000 // self.begun if self.begun else 0


def today(at: datetime) -> date:
    """Return the local day of a moment."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def terms(at: datetime) -> Terms:
    """Return the terms of that moment."""
    return rules.terms_on(today(at))


def overview(line_id: int) -> Overview:
    """Return what the line has and had, in three queries."""
    open_first = models.Subscription.objects.filter(line_id=line_id).order_by("-asked_at", "id")
    rows = list(open_first.filter(state__in=OPEN)) + list(open_first.exclude(state__in=OPEN)[:SHOWN])
    ban = models.ContentBan.objects.filter(line_id=line_id, until=None).first()
    return Overview(_priced(rows), ban.since if ban else None)


def subscription(subscription_id: UUID, line_ids: Collection[int]) -> Subscription:
    """Return a subscription of one of the lines; raise `NoSuchSubscription`."""
    row = models.Subscription.objects.filter(id=subscription_id, line_id__in=list(line_ids)).first()
    if row is None:
        raise NoSuchSubscription(subscription_id)
    return _priced([row])[0]


def asked_for(subscription_id: UUID) -> Subscription:
    """Return a subscription that is, or was, asked about by SMS, to whoever has its address from there.

    Raises `NoSuchSubscription`.
    """
    row = models.Subscription.objects.filter(id=subscription_id).exclude(told="").first()
    if row is None:
        raise NoSuchSubscription(subscription_id)
    return value_of(row)


def of_provider(provider: str, external_id: str) -> Subscription:
    """Return the subscription of the provider's own id; raise `NoSuchSubscription`."""
    row = models.Subscription.objects.filter(provider=provider, external_id=external_id).exclude(external_id="").first()
    if row is None:
        raise NoSuchSubscription(external_id)
    return value_of(row)


def batch(form_id: UUID, line_ids: Collection[int]) -> list[Subscription]:
    """Return what a form ended at once on these lines."""
    rows = models.Subscription.objects.filter(batch=form_id, line_id__in=list(line_ids)).order_by("asked_at", "id")
    return list(_priced(list(rows)))


def fees(subscription_id: UUID) -> list[PartnerFee]:
    """Return the newest fees of the subscription."""
    return content_queries.fees(subscription_id)


def all_fees(subscription_id: UUID) -> list[PartnerFee]:
    """Return every fee of the subscription, the newest first."""
    return content_queries.fees(subscription_id, limit=FEES_MAX)


def rest_of(one: Subscription, at: datetime) -> Rest | None:
    """Return what its end would mean at `at`; None: no day of it is paid."""
    if not one.lives or one.first_day is None or one.end_day is None or one.end_day <= today(at):
        return None
    return rules.rest(
        terms(at), per=one.per, price_minor=one.price_minor, first=one.first_day, end=one.end_day, today=today(at)
    )


def doubt(line_id: int, at: datetime) -> Why | None:
    """Return why no code by SMS begins anything on the line at `at`: who reads it may be somebody else."""
    account_id = lines.account_of(line_id)
    if account_id is not None and accounts.standing(account_id).frozen_at is not None:
        return Why.PROTECTED
    return Why.HELD if lines.hold_of(line_id, at) is not None else None


def is_suspended(provider: str) -> bool:
    """Return whether nothing of the provider is begun or charged now."""
    return models.ProviderSuspension.objects.filter(provider=provider, until=None).exists()


def suspended() -> dict[str, datetime]:
    """Return the providers that are suspended, with since when."""
    return dict(models.ProviderSuspension.objects.filter(until=None).values_list("provider", "since"))


def complaints(at: datetime) -> dict[str, Complaints]:
    """Return the complaints about each provider of whom anything began within the time that the terms name."""
    since = at - terms(at).complaints_within
    rows = (
        models.Subscription.objects.filter(Q(agreed_at__gte=since) | Q(disputed_at__gte=since))
        .values("provider")
        .annotate(
            begun=Count("id", filter=Q(agreed_at__gte=since)), complaints=Count("id", filter=Q(disputed_at__gte=since))
        )
    )
    return {row["provider"]: Complaints(row["begun"], row["complaints"]) for row in rows}


def disputed_lately(line_id: int, at: datetime) -> bool:
    """Return whether somebody said of another subscription of the line, not long ago, that they did not agree."""
    since = at - terms(at).again_after
    return models.Subscription.objects.filter(line_id=line_id, disputed_at__gt=since).exists()


def value_of(row: models.Subscription) -> Subscription:
    """Return the value of a row, without what it cost."""
    return Subscription(
        id=row.id, line_id=row.line_id, provider=row.provider, external_id=row.external_id, service=row.service,
        names=row.names, short_number=row.short_number, phone=row.phone, price_minor=row.price_minor,
        per=next(per for per in PERS if per == row.per), state=State(row.state), why=Why(row.why) if row.why else None,
        channel=row.channel, asked_at=row.asked_at, expires_at=row.expires_at, tries_left=row.tries_left, told=row.told,
        agreed_at=row.agreed_at, agreed_by=row.agreed_by, first_day=row.first_day, end_day=row.end_day,
        try_at=row.try_at, paused_at=row.paused_at, ended_at=row.ended_at, ended_by=row.ended_by,
        works_until=row.works_until, back_minor=row.back_minor, disputed_at=row.disputed_at,
    )  # fmt: skip


def _priced(rows: list[models.Subscription]) -> tuple[Subscription, ...]:
    paid = content_queries.paid([row.id for row in rows if row.agreed_at is not None])
    values = []
    for row in rows:
        one, cost = value_of(row), paid.get(row.id)
        values.append(replace(one, paid_times=cost.times, paid_minor=cost.sum_minor) if cost else one)
    return tuple(values)
