"""The counters that keep guessing and flooding out. Each is used up before anything is checked or sent.

One SQL statement each: of any number of requests at once, only as many get through as the rules allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.identity import models, rules
from abonent.domains.identity.rules import FAILURES, FAILURES_IN_A_ROW_MAX, SENDS, Cap, Refusal, TooMany


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the network prefix of its address and the browser's own mark, each may be empty."""

    address_prefix: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """One try used up: of which number, for what subject, how many are left.

    `counted` is False when the number had no failures left, so the code must not be looked at; `at` names the failure.
    """

    number: str
    subject: int | None
    tries_left: int
    counted: bool
    at: datetime


_TAKE_SEND = """
with asked as (
    insert into identity_numberguard as guard (number, sends, failures, failures_in_a_row, seen_at)
    values (%(number)s, array[%(now)s], '{}', 0, %(now)s)
    on conflict (number) do update
       set sends = array_append(array(select sent from unnest(guard.sends) sent where sent > %(keep_after)s), %(now)s),
           seen_at = %(now)s
     where guard.failures_in_a_row < %(failures_in_a_row_max)s
       and (select count(*) from unnest(guard.failures) failed where failed > %(failures_after)s) < %(failures_max)s
       and not exists (
           select from unnest(%(sends_after)s::timestamptz[], %(sends_max)s::int[]) as cap(after, most)
            where (select count(*) from unnest(guard.sends) sent where sent > cap.after) >= cap.most)
    returning number
), flow as (
    insert into identity_sendflow as flow (key, window_start, sends)
    select flow.key, flow.window_start, 1
      from unnest(%(flow_keys)s::text[], %(flow_starts)s::timestamptz[]) as flow(key, window_start)
     where exists (select from asked)
    on conflict (key) do update
       set sends = case when flow.window_start = excluded.window_start then flow.sends + 1 else 1 end,
           window_start = excluded.window_start
    returning key, sends
)
select exists (select from asked), array(select key from flow), array(select sends from flow)
"""

_TAKE_TRY = """
with tried as (
    update identity_challenge
       set tries_left = tries_left - 1
     where id = %(id)s and purpose = %(purpose)s and spent_at is null and expires_at > %(now)s and tries_left > 0
    returning number, subject, tries_left
), counted as (
    update identity_numberguard guard
       set failures = array_append(
               array(select failed from unnest(guard.failures) failed where failed > %(failures_after)s), %(now)s),
           failures_in_a_row = guard.failures_in_a_row + 1,
           seen_at = %(now)s
      from tried
     where guard.number = tried.number
       and guard.failures_in_a_row < %(failures_in_a_row_max)s
       and (select count(*) from unnest(guard.failures) failed where failed > %(failures_after)s) < %(failures_max)s
    returning guard.number
)
select tried.number, tried.subject, tried.tries_left, counted.number is not null
  from tried left join counted on counted.number = tried.number
"""

# The right code takes its own failure back, and ends the row of failures; the day's other failures stay.
_FORGIVE = """
update identity_numberguard
   set failures = failures[:array_position(failures, %(counted_at)s) - 1]
               || failures[array_position(failures, %(counted_at)s) + 1:],
       failures_in_a_row = 0
 where number = %(number)s and array_position(failures, %(counted_at)s) is not null
"""


@transaction.atomic
def take_send(*, number: str, origin: Origin, now: datetime) -> None:
    """Use up one sending to `number`; raise `TooMany` when there is none, leaving every counter as it was."""
    flows = _flows(origin)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_SEND,
            _failure_limits(now)
            | {
                "number": number,
                "now": now,
                "keep_after": now - max(cap.span for cap in SENDS),
                "sends_after": [now - cap.span for cap in SENDS],
                "sends_max": [cap.most for cap in SENDS],
                "flow_keys": list(flows),
                "flow_starts": [rules.window_start(now, cap) for cap in flows.values()],
            },
        )
        taken, keys, sends = cursor.fetchone()
    if not taken:
        raise refusal(number, now) or TooMany(Refusal.BUSY, now)
    full = [flows[key] for key, count in zip(keys, sends, strict=True) if count > flows[key].most]
    if full:
        raise TooMany(Refusal.BUSY, max(rules.window_start(now, cap) + cap.span for cap in full))


def take_try(*, challenge_id: UUID, purpose: str, now: datetime) -> Try | None:
    """Use up one try of a living code and count it as a failure until it proves right.

    Returns None when the code is dead (nothing counted).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TRY, _failure_limits(now) | {"id": challenge_id, "purpose": purpose, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    number, subject, tries_left, counted = row
    return Try(number, subject, tries_left, counted, now)


def forgive(done: Try) -> None:
    """Take back the failure of a try that proved right: the number is proven anew."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGIVE, {"number": done.number, "counted_at": done.at})


def refusal(number: str, now: datetime) -> TooMany | None:
    """Return why no code may be sent to `number` now, or None."""
    guard = models.NumberGuard.objects.filter(number=number).first()
    if guard is None:
        return None
    return rules.refusal_of(
        sends=guard.sends, failures=guard.failures, failures_in_a_row=guard.failures_in_a_row, now=now
    )


def _flows(origin: Origin) -> dict[str, Cap]:
    """Return the counters a sending goes through, always in the same order, so that no two wait for each other."""
    flows = {}
    if origin.address_prefix:
        flows[f"address {origin.address_prefix}"] = rules.SENDS_PER_ADDRESS
    if origin.device:
        flows[f"device {origin.device}"] = rules.SENDS_PER_DEVICE
    return flows | {"everybody": rules.SENDS_IN_TOTAL}


def _failure_limits(now: datetime) -> dict[str, Any]:
    return {
        "failures_after": now - FAILURES.span,
        "failures_max": FAILURES.most,
        "failures_in_a_row_max": FAILURES_IN_A_ROW_MAX,
    }
