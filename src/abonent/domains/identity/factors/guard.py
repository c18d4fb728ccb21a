"""The counter of wrong second factors. A try is used up in one SQL statement before anything is looked at.

Who tries from a device the account knows has a counter of its own: a stranger's guesses do not shut the owner out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from abonent.domains.identity import models
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.identity.factors.rules import PAUSE, PAUSE_MAX, WRONG, WRONG_IN_A_ROW_MAX, Factor, FactorPaused
from abonent.domains.identity.queries import known_device
from abonent.domains.identity.rules import mark_hash


@dataclass(frozen=True, slots=True)
class Taken:
    """One try used up; `at` names its failure until it proves right."""

    account_id: int
    scope: str
    at: datetime


_TAKE = """
insert into identity_factorguard as guard (account_id, scope, failures, failures_in_a_row)
values (%(account)s, %(scope)s, array[%(now)s], 1)
on conflict (account_id, scope) do update
   set failures = array_append(
           array(select failed from unnest(guard.failures) failed where failed > %(after)s), %(now)s),
       failures_in_a_row = guard.failures_in_a_row + 1
 where (select count(*) from unnest(guard.failures) failed where failed > %(after)s) < %(most)s
   and (guard.failures_in_a_row < %(in_a_row)s
        or %(now)s >= (select max(failed) from unnest(guard.failures) failed)
                      + least(%(pause)s * power(2, least(guard.failures_in_a_row - %(in_a_row)s, 20)), %(pause_max)s))
returning 1
"""

_FORGIVE = """
update identity_factorguard
   set failures = failures[:array_position(failures, %(taken_at)s) - 1]
               || failures[array_position(failures, %(taken_at)s) + 1:],
       failures_in_a_row = 0
 where account_id = %(account)s and scope = %(scope)s and array_position(failures, %(taken_at)s) is not null
"""


def scope_of(account_id: int, factor: Factor, mark: str) -> str:
    """Return the counter for a try from the browser with this mark: its own when the account knows it."""
    return f"{factor} {mark_hash(mark)}" if known_device(account_id, mark) else str(factor)


def take(*, account_id: int, factor: Factor, mark: str, at: datetime) -> Taken:
    """Use up one try, counted as a failure until `forgive`; raise `FactorPaused` when none is left now."""
    scope = scope_of(account_id, factor, mark)
    values: dict[str, Any] = {
        "account": account_id,
        "scope": scope,
        "now": at,
        "after": at - WRONG.span,
        "most": WRONG.most,
        "in_a_row": WRONG_IN_A_ROW_MAX,
        "pause": PAUSE,
        "pause_max": PAUSE_MAX,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken = cursor.fetchone() is not None
    if not taken:
        raise FactorPaused(paused_until(account_id=account_id, scope=scope, now=at) or at)
    return Taken(account_id, scope, at)


def forgive(taken: Taken) -> None:
    """Take back the failure of a try that proved right, and end the row of failures."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGIVE, {"account": taken.account_id, "scope": taken.scope, "taken_at": taken.at})


def paused_until(*, account_id: int, scope: str, now: datetime) -> datetime | None:
    """Return until when no try is taken, or None: one is taken now."""
    guard = models.FactorGuard.objects.filter(account_id=account_id, scope=scope).first()
    if guard is None:
        return None
    until = factor_rules.next_try_at(failures=guard.failures, failures_in_a_row=guard.failures_in_a_row, now=now)
    return until if until > now else None
