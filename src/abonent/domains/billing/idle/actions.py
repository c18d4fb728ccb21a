"""Numbers that nobody uses: a run every night warns of them, blocks them and gives them away; use brings them back.

Lines are looked at in batches by their ids, each idle one in a transaction of its own: a run that dies goes on with the
next, and done again it does nothing twice. What is decided is decided under the line's lock, on what is true then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models
from abonent.domains.billing.idle import messages as idle_messages
from abonent.domains.billing.idle import queries as idle_queries
from abonent.domains.billing.idle import rules as idle_rules
from abonent.domains.billing.idle.queries import Rules
from abonent.domains.billing.idle.rules import Standing, Step, Terms
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.network import actions as network
from abonent.foundation import rounds

LINES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Done:
    """How many numbers a run warned, blocked, and gave away."""

    warned: int = 0
    blocked: int = 0
    released: int = 0


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms) -> int:
    """Store the terms that hold from a local day on and return their id; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    idle_rules.check(terms)
    return idle_queries.TERMS.publish(valid_from=valid_from, terms=terms)


def run(*, at: datetime) -> Done:
    """Do what is due on the local day of `at` for every number; return how many that were."""
    steps: Counter[Step | None] = Counter()
    rounds.each(_turns(at), lambda turn: steps.update([turn()]))
    return Done(steps[Step.WARN], steps[Step.BLOCK], steps[Step.RELEASE])


def _turns(at: datetime) -> Iterator[Callable[[], Step | None]]:
    for line_id in _written_down():
        yield partial(_end_or_release, line_id, at)
    rules = idle_queries.in_force(_day(at))
    since = idle_rules.cutoff(rules.terms, _day(at), _zone())
    after = 0
    while (until := idle_queries.batch_end(after, LINES_AT_ONCE)) is not None:
        for line_id in idle_queries.idle_since(since, rules, _day(at), after=after, until=until):
            yield partial(_warn_or_block, line_id, rules, at)
        after = until


@transaction.atomic
def lift(*, line_id: int, by: str, at: datetime) -> bool:
    """The owner proved who they are and wants the number on: it counts as used. Return whether it was off."""
    number = lines.lock(line_id)
    row = models.IdleLine.objects.select_for_update(of=["self"]).filter(line_id=line_id, released_at=None).first()
    if number is None or row is None or row.blocked_on is None:
        return False
    _lift(row, number, by, at)
    return True


def lift_paid(*, contract_ids: Collection[int], at: datetime) -> None:
    """Money came for these contracts: their numbers are in use, and those that were blocked work again."""
    for line_id in models.IdleLine.objects.filter(
        line__contract_id__in=list(contract_ids), released_at=None
    ).values_list("line_id", flat=True):
        _end_or_release(line_id, at)


def _written_down() -> Iterator[int]:
    """Go through the lines that were warned and may be used again, or are blocked: some at a time."""
    after = 0
    while some := idle_queries.known(after=after, limit=LINES_AT_ONCE):
        yield from some
        after = some[-1]


@transaction.atomic
def _end_or_release(line_id: int, at: datetime) -> Step | None:
    """Forget a line that is used again, and lift its block; warn of the release of one that is not, and release it."""
    number = lines.lock(line_id)
    row = models.IdleLine.objects.select_for_update(of=["self"]).filter(line_id=line_id, released_at=None).first()
    if row is None:
        return None
    used = idle_queries.last_use(line_id)
    if number is None or used is None or _day(used) > row.active_on:
        if number is not None and row.blocked_on is not None:
            _lift(row, number, network.BY, at)
        else:
            row.delete()
        return None
    if row.blocked_on is None:
        return None
    if bars_queries.stands(line_id, Kind.UNUSED) is None:
        # The shop or the network lifted it.
        row.delete()
        return None
    return _towards_release(row, number, at)


def _towards_release(row: models.IdleLine, number: str, at: datetime) -> Step | None:
    terms = Terms.from_json(row.rules.terms) if row.rules else idle_rules.DEFAULT
    step = idle_rules.due(terms, _standing(row), _day(at))
    if step is Step.WARN_OF_RELEASE:
        # Who was not warned in time, because no run looked, has as long as anybody else.
        row.release_on = idle_rules.released_after_warning(terms, row.release_on, _day(at))
        row.release_warned = True
        row.save(update_fields=["release_on", "release_warned"])
        idle_messages.release_soon(row, number)
    elif step is Step.RELEASE:
        idle_messages.released(row, number)
        network.note_released(number=number, at=at, key=f"idle {row.line_id} {row.release_on}")
        row.released_at = at
        row.save(update_fields=["released_at"])
    return step


@transaction.atomic
def _warn_or_block(line_id: int, rules: Rules, at: datetime) -> Step | None:
    number, today = lines.lock(line_id), _day(at)
    used = idle_queries.last_use(line_id)
    if number is None or used is None or used >= idle_rules.cutoff(rules.terms, today, _zone()):
        return None
    row = models.IdleLine.objects.select_for_update(of=["self"]).filter(line_id=line_id).first()
    standing = idle_rules.as_told(rules.terms, _standing(row), row.blocks_on, today) if row else Standing(_day(used))
    step = idle_rules.due(rules.terms, standing, today)
    if step is Step.WARN:
        _warn(row, line_id, number, rules, standing, today)
    elif step is Step.BLOCK and row is not None:
        _block(row, number, rules.terms, at)
    return step


def _warn(
    row: models.IdleLine | None, line_id: int, number: str, rules: Rules, standing: Standing, today: date
) -> None:
    blocks_on = idle_rules.blocks_on(rules.terms, standing, today)
    warning = idle_rules.warning_of(rules.terms, (blocks_on - today).days) or 0
    if row is None:
        row = models.IdleLine(line_id=line_id, active_on=standing.active_on)
    row.warned_on = standing.warned_on or today
    row.rules_id, row.warned_days, row.blocks_on = rules.id or None, warning, blocks_on
    row.save()
    idle_messages.block_soon(row, number)


def _block(row: models.IdleLine, number: str, terms: Terms, at: datetime) -> None:
    today = _day(at)
    row.blocked_on, row.release_on = today, idle_rules.releases_on(terms, today)
    row.save(update_fields=["blocked_on", "release_on"])
    network.note_unused(number=number, at=at, key=f"idle {row.line_id} {today}")
    idle_messages.blocked(row, number)


def _lift(row: models.IdleLine, number: str, by: str, at: datetime) -> None:
    network.note_used_again(number=number, at=at, key=f"idle {row.line_id} {row.blocked_on} lifted by {by}"[:100])
    idle_messages.lifted(row, number)
    row.delete()


def _standing(row: models.IdleLine) -> Standing:
    return Standing(row.active_on, row.warned_days, row.warned_on, row.blocked_on, row.release_warned, row.release_on)


def _day(at: datetime) -> date:
    return at.astimezone(_zone()).date()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
