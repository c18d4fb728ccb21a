"""Fees where something is ordered for a day to come: what is charged until then, and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from abonent.domains.billing import tariffs_rules
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.money import Tariffed
from abonent.domains.billing.fees.rules import Fee, FeeLine, Mark
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.rules import TariffVersion

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """What will change on a line at `at`, for `once_minor`: its tariff, a block, a service that begins or ends.

    `connects` is a service or a package, `disconnects` the code of a service; `names` are those of what is ordered.
    """

    line_id: int
    at: datetime
    once_minor: int
    names: Mapping[str, str]
    tariff: TariffVersion | None = None
    pause: Pause | None = None
    connects: OfferVersion | None = None
    disconnects: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """From `at` on fees are due for `line` by these tariffs."""

    at: datetime
    line: FeeLine
    assigned: Sequence[Assigned]


def due(first: Stage, mark: Mark | None, following: Sequence[Stage], until: datetime, zone: ZoneInfo) -> Iterator[Fee]:
    """Yield what falls due by `until`, and what is given back, when one stage follows another in time."""
    stage = first
    for after in following:
        if after.at > until:
            break
        # Until then fees are taken as if nothing were to change.
        fees, mark = fees_rules.due(stage.line, mark, stage.assigned, after.at - _INSTANT, zone)
        yield from fees
        if mark is not None:
            back, mark = fees_rules.given_back(after.line, mark, after.assigned, after.at, zone)
            if back is not None:
                yield back
        stage = after
    fees, _ = fees_rules.due(stage.line, mark, stage.assigned, until, zone)
    yield from fees


def of_line(
    tariffed: Tariffed, raw: Sequence[Assigned], pauses: Sequence[Pause], planned: Sequence[Planned], zone: ZoneInfo
) -> list[Stage]:
    """Return the stages of a line's tariff; `raw` are its tariffs without blocks, `pauses` the blocks there are."""
    stages, line = [], tariffed.line
    for one in planned:
        if one.tariff is not None:
            raw = tariffs_rules.replaced(raw, one.tariff, one.at)
        elif one.pause is not None:
            pauses = [*pauses, one.pause]
        else:
            continue
        stages.append(Stage(one.at, line, pauses_rules.cut(raw, pauses, line.day, zone)))
    return stages


def of_service(tariffed: Tariffed, planned: Sequence[Planned], zone: ZoneInfo) -> list[Stage]:
    """Return the stages of a service that the line has: a block that it rests in, its end."""
    stages, line, assigned = [], tariffed.line, tariffed.assigned
    for one in planned:
        if one.pause is not None:
            assigned = pauses_rules.cut(assigned, [one.pause.free_for_services()], line.day, zone)
        elif one.disconnects == line.offer_code:
            line = line._replace(closed_at=min(one.at, line.closed_at or one.at))
        else:
            continue
        stages.append(Stage(one.at, line, assigned))
    return stages


def new_services(
    line: FeeLine, pauses: Sequence[Pause], planned: Sequence[Planned], zone: ZoneInfo
) -> Iterator[tuple[Stage, list[Stage]]]:
    """Yield each service that will begin, with the stages that follow."""
    for one in planned:
        if one.connects is None or one.connects.package is not None or not one.connects.fee_minor:
            continue
        begun = line._replace(opened_at=one.at, offer_code=one.connects.code)
        free = [pause.free_for_services() for pause in pauses]
        assigned = pauses_rules.cut([Assigned(one.connects.as_fee(), one.at, None)], free, line.day, zone)
        later = [other for other in planned if other.at > one.at]
        yield Stage(one.at, begun, assigned), of_service(Tariffed(begun, assigned, 0), later, zone)
