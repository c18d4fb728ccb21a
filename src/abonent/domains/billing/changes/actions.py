"""Prices of those who have a tariff already: published in advance with the reason, given to their lines, told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models
from abonent.domains.billing.changes import rules as changes_rules
from abonent.domains.billing.events import PricesPublished
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk
from abonent.foundation import outbox
from abonent.foundation.said import N_, Said, said

LINES_AT_ONCE = 1_000


class NotPublished(ValueError):
    """Nothing was published; `reason` says why."""

    def __init__(self, reason: Said) -> None:
        super().__init__(str(reason))
        self.reason = reason


@transaction.atomic
def publish(*, version: TariffVersion, why: Mapping[str, str], at: datetime) -> int:
    """Publish other terms of a tariff for those who have it, and return the version's id.

    The same again changes nothing. Raises `NotPublished`, and what `catalog.actions.publish` raises.
    """
    if not changes_rules.is_told(why, dict(settings.LANGUAGES)):
        words = N_("the reason is asked for in every language: %(languages)s")
        raise NotPublished(said(words, languages=", ".join(dict(settings.LANGUAGES))))
    others = [one for one in catalog.tariff_versions().values() if one.tariff_code == version.tariff_code]
    before = [one for one in others if one.valid_from < version.valid_from]
    if not before:
        raise NotPublished(said(N_("nobody has an earlier version of %(code)s"), code=version.tariff_code))
    if any(one.valid_from > version.valid_from for one in others):
        raise NotPublished(said(N_("a later version of %(code)s is published already"), code=version.tariff_code))
    known = any(one.valid_from == version.valid_from for one in others)
    old = max(before, key=lambda one: one.valid_from)
    earliest = changes_rules.earliest(old, version, at.astimezone(_zone()).date())
    if not known and version.valid_from < earliest:
        words = N_("those who have it are told in advance: from %(day)s on is the earliest")
        raise NotPublished(said(words, day=earliest))
    version_id = catalog_actions.publish(version)
    _, new = models.PriceReason.objects.get_or_create(
        tariff_version_id=version_id, defaults={"why": dict(why), "published_at": at}
    )
    if new:
        outbox.announce(PricesPublished(version_id))
    return version_id


def spread(*, version_id: int, at: datetime) -> int:
    """Give the version, from its first day on, to every line with an earlier one; return how many got it.

    Some lines are one transaction, and whoever has it already is passed over: what a dead worker left is gone on with.
    Never for a day that has begun: what was used then has its price already.
    """
    versions = catalog.tariff_versions()
    version = versions[version_id]
    earlier = [
        one_id
        for one_id, one in versions.items()
        if one.tariff_code == version.tariff_code and one.valid_from < version.valid_from
    ]
    first = max(version.valid_from, at.astimezone(_zone()).date() + timedelta(days=1))
    given, after = 0, 0
    while some := queries_bulk.having(earlier, after=after, limit=LINES_AT_ONCE):
        given += len(lines_actions.give_tariff(line_ids=some, tariff_version_id=version_id, since=_midnight(first)))
        after = some[-1]
    return given


def spread_coming(*, at: datetime) -> None:
    """Do so for all versions to come: lines were opened on an earlier one since it was published."""
    today = at.astimezone(_zone()).date()
    published = list(models.PriceReason.objects.values_list("tariff_version_id", flat=True))
    for version_id, version in sorted(catalog.tariff_versions(published).items()):
        if version.valid_from > today:
            spread(version_id=version_id, at=at)


def note(*, line_ids: Collection[int], at: datetime) -> None:
    """Write down that the owners of the lines are to be told of what comes; once for each change of a line."""
    models.PriceNotice.objects.bulk_create(
        [
            models.PriceNotice(line_id=one.line_id, since=one.valid_from, tariff_version_id=one.tariff_version_id)
            for one in lines.assignments(line_ids)
            if one.valid_from > at
        ],
        ignore_conflicts=True,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
