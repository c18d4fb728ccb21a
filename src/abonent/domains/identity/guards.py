"""The counters that keep guessing and flooding out. Each is used up before anything is checked or sent.

One SQL statement each: of any number of requests at once, only as many get through as the rules allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.identity import models, rules, rules_risk
from abonent.domains.identity.rules import (
    FAILURES,
    FAILURES_IN_A_ROW_MAX,
    SENDS,
    Cap,
    CaptchaNeeded,
    Refusal,
    TooMany,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the network prefix of its address and the browser's own mark, each may be empty."""

    address_prefix: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """One try used up: of which number, for what subject, how many are left.

    `counted` is False when the number had no failures left, so the code must not be looked at; `at` names the failure.
    `hidden` is the guard that counted too; without failures left there, nothing is the subject and no code is right.
    """

    number: str
    subject: int | None
    tries_left: int
    counted: bool
    at: datetime
    hidden: str = ""


_WITHIN_FAILURES = """
guard.failures_in_a_row < %(failures_in_a_row_max)s
and (select count(*) from unnest(guard.failures) failed where failed > %(failures_after)s) < %(failures_max)s
"""
_WITHIN_SENDS = """
not exists (
    select from unnest(%(sends_after)s::timestamptz[], %(sends_max)s::int[]) as cap(after, most)
     where (select count(*) from unnest(guard.sends) sent where sent > cap.after) >= cap.most)
"""
_SENDS = "array_append(array(select sent from unnest(guard.sends) sent where sent > %(keep_after)s), %(now)s)"

# Rows are locked in one order everywhere: the challenge, its guard, the hidden guard, the flows.
_TAKE_SEND = f"""
with asked as (
    insert into identity_numberguard as guard (number, sends, failures, failures_in_a_row, seen_at)
    values (%(number)s, array[%(now)s], '{{}}', 0, %(now)s)
    on conflict (number) do update set sends = {_SENDS}, seen_at = %(now)s
     where {_WITHIN_FAILURES} and {_WITHIN_SENDS}
    returning number
), behind as (
    insert into identity_numberguard as guard (number, sends, failures, failures_in_a_row, seen_at)
    select %(hidden)s, case when %(hidden_sends)s then array[%(now)s] else '{{}}'::timestamptz[] end,
           '{{}}'::timestamptz[], 0, %(now)s
     where %(hidden)s <> '' and exists (select from asked)
    on conflict (number) do update
       set sends = case when %(hidden_sends)s then {_SENDS} else guard.sends end, seen_at = %(now)s
     where {_WITHIN_FAILURES} and (not %(hidden_sends)s or {_WITHIN_SENDS})
    returning number
), flow as (
    insert into identity_sendflow as flow (key, window_start, sends, entered)
    select flow.key, flow.window_start, 1, 0
      from unnest(%(flow_keys)s::text[], %(flow_starts)s::timestamptz[]) as flow(key, window_start)
     where exists (select from asked) and (select count(*) from behind) >= 0
    on conflict (key) do update
       set sends = case when flow.window_start = excluded.window_start then flow.sends + 1 else 1 end,
           entered = case when flow.window_start = excluded.window_start then flow.entered else 0 end,
           window_start = excluded.window_start
    returning key, sends, entered
)
select exists (select from asked), %(hidden)s = '' or exists (select from behind),
       array(select key from flow), array(select sends from flow), array(select entered from flow)
"""

_COUNT_FAILURE = """
update identity_numberguard guard
   set failures = array_append(
           array(select failed from unnest(guard.failures) failed where failed > %(failures_after)s), %(now)s),
       failures_in_a_row = guard.failures_in_a_row + 1,
       seen_at = %(now)s
"""

_TAKE_TRY = f"""
with tried as (
    update identity_challenge
       set tries_left = tries_left - 1
     where id = %(id)s and purpose = %(purpose)s and spent_at is null and expires_at > %(now)s and tries_left > 0
    returning number, hidden, subject, tries_left
), counted as (
    {_COUNT_FAILURE} from tried
     where guard.number = tried.number and {_WITHIN_FAILURES}
    returning guard.number
), behind as (
    {_COUNT_FAILURE} from tried join counted on counted.number = tried.number
     where guard.number = tried.hidden and {_WITHIN_FAILURES}
    returning guard.number
)
select tried.number, tried.tries_left, counted.number is not null, tried.hidden,
       case when tried.hidden = '' or behind.number is not null then tried.subject end
  from tried
  left join counted on counted.number = tried.number
  left join behind on behind.number = tried.hidden
"""

# The right code takes its own failure back, and ends the row of failures of what it was sent to; the day's other
# failures stay. Behind an address stands a number that this proves nothing about: its row only gets shorter by one.
_TAKE_BACK = """
   set failures = guard.failures[:array_position(guard.failures, %(counted_at)s) - 1]
               || guard.failures[array_position(guard.failures, %(counted_at)s) + 1:]
"""
_USE = f"""
with used as (
    update identity_challenge set spent_at = %(now)s where id = %(id)s and spent_at is null returning id
), seen as (
    update identity_numberguard guard {_TAKE_BACK}, failures_in_a_row = 0
      from used
     where guard.number = %(number)s and array_position(guard.failures, %(counted_at)s) is not null
    returning guard.number
), behind as (
    update identity_numberguard guard {_TAKE_BACK}, failures_in_a_row = greatest(guard.failures_in_a_row - 1, 0)
      from used left join seen on true
     where guard.number = %(hidden)s and array_position(guard.failures, %(counted_at)s) is not null
    returning guard.number
), entered as (
    update identity_sendflow flow set entered = flow.entered + 1
      from used left join seen on true left join behind on true
     where flow.key = %(block)s and flow.window_start = %(block_start)s
)
select exists (select from used)
"""


@transaction.atomic
def take_send(
    *, number: str, origin: Origin, now: datetime, hidden: str = "", hidden_sends: bool = True, solved: bool = False
) -> bool:
    """Use up one sending to `number`; return whether the `hidden` guard, if any, allows it, too.

    Without `hidden_sends` only the failures there count: what is sent goes elsewhere than to that number.

    Raise `TooMany` when there is none, leaving every counter as it was; `CaptchaNeeded` when a person must show to be
    one first (`solved`: one did). Who asks without an origin is one of us and needs no captcha.
    """
    return count_send(number=number, origin=origin, now=now, hidden=hidden, hidden_sends=hidden_sends, solved=solved)


def count_send(*, number: str, origin: Origin, now: datetime, hidden: str, hidden_sends: bool, solved: bool) -> bool:
    """As `take_send`, in a transaction of the caller that ends with what is raised here."""
    flows = _flows(origin, number)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_SEND,
            _failure_limits(now)
            | {
                "number": number,
                "hidden": hidden,
                "hidden_sends": hidden_sends,
                "now": now,
                "keep_after": now - max(cap.span for cap in SENDS),
                "sends_after": [now - cap.span for cap in SENDS],
                "sends_max": [cap.most for cap in SENDS],
                "flow_keys": list(flows),
                "flow_starts": [rules.window_start(now, cap) for cap in flows.values()],
            },
        )
        taken, allowed, keys, sends, entered = cursor.fetchone()
    if not taken:
        raise refusal(number, now) or TooMany(Refusal.BUSY, now)
    counts = dict(zip(keys, zip(sends, entered, strict=True), strict=True))
    full = [cap for key, cap in flows.items() if counts[key][0] > cap.most]
    if full:
        raise TooMany(Refusal.BUSY, max(rules.window_start(now, cap) + cap.span for cap in full))
    if not solved and origin != Origin() and rules_risk.captcha_needed(_seen(origin, counts)):
        raise CaptchaNeeded(Refusal.BUSY, max(rules.window_start(now, cap) + cap.span for cap in flows.values()))
    return bool(allowed)


def know(*, number: str, now: datetime) -> None:
    """Have a guard of `number` count wrong tries of what was not sent but handed over."""
    models.NumberGuard.objects.get_or_create(number=number, defaults={"seen_at": now})


def take_try(*, challenge_id: UUID, purpose: str, now: datetime) -> Try | None:
    """Use up one try of a living code and count it as a failure until it proves right.

    Returns None when the code is dead (nothing counted).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TRY, _failure_limits(now) | {"id": challenge_id, "purpose": purpose, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    number, tries_left, counted, hidden, subject = row
    return Try(number, subject, tries_left, counted, now, hidden)


def use(*, challenge_id: UUID, done: Try, now: datetime) -> bool:
    """Use a challenge up whose try proved right, and take back the failure; return whether nobody was faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            _USE,
            {
                "id": challenge_id,
                "now": now,
                "number": done.number,
                "hidden": done.hidden,
                "counted_at": done.at,
                "block": f"block {rules.block_of(done.number)}",
                "block_start": rules.window_start(now, rules.SENDS_PER_BLOCK),
            },
        )
        return bool(cursor.fetchone()[0])


def stand_in(key: str) -> str:
    """Return the hidden guard of what belongs to nobody, so that it costs the same as one that belongs to somebody."""
    return f"nobody {hashlib.sha256(key.encode()).hexdigest()[:40]}"


def refusal(number: str, now: datetime) -> TooMany | None:
    """Return why no code may be sent to `number` now, or None."""
    guard = models.NumberGuard.objects.filter(number=number).first()
    if guard is None:
        return None
    return rules.refusal_of(
        sends=guard.sends, failures=guard.failures, failures_in_a_row=guard.failures_in_a_row, now=now
    )


EVERYBODY = "everybody"


def _flows(origin: Origin, number: str) -> dict[str, Cap]:
    """Return the counters a sending goes through, always in the same order, so that no two wait for each other."""
    flows = {}
    if origin.address_prefix:
        flows[f"address {origin.address_prefix}"] = rules.SENDS_PER_ADDRESS
    if block := rules.block_of(number):
        flows[f"block {block}"] = rules.SENDS_PER_BLOCK
    if origin.device:
        flows[f"device {origin.device}"] = rules.SENDS_PER_DEVICE
    return flows | {EVERYBODY: rules.SENDS_IN_TOTAL}


def _seen(origin: Origin, counts: Mapping[str, tuple[int, int]]) -> rules_risk.Flows:
    """Return what the counters say about this sending."""
    of = {key.partition(" ")[0]: count for key, count in counts.items()}
    block, block_entered = of.get("block", (0, 0))
    return rules_risk.Flows(
        marked=bool(origin.device),
        address=of.get("address", (0, 0))[0],
        device=of.get("device", (0, 0))[0],
        block=block,
        block_entered=block_entered,
        everybody=of[EVERYBODY][0],
    )


def _failure_limits(now: datetime) -> dict[str, Any]:
    return {
        "failures_after": now - FAILURES.span,
        "failures_max": FAILURES.most,
        "failures_in_a_row_max": FAILURES_IN_A_ROW_MAX,
    }
