"""The counters of wrong passwords: each is used up before anything is hashed, in one SQL statement.

Why there are three of them stands in docs/decisions/0011-hashing-and-password-guards.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from abonent.domains.identity import rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.identity.rules import CaptchaNeeded, Refusal
from abonent.foundation import prepared

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A new password, and with it `since`, makes every wrong one from before count for nothing.
_TAKE = """
with flow as (
    insert into identity_sendflow as flow (key, window_start, sends, entered)
    select %(flow)s::text, %(window)s::timestamptz, 1, 0 where %(flow)s <> ''
    on conflict (key) do update
       set sends = case when flow.window_start = excluded.window_start then flow.sends + 1 else 1 end,
           entered = 0,
           window_start = excluded.window_start
    returning sends
), passed as (
    select %(solved)s or coalesce((select sends from flow), 0) <= %(flow_max)s as it
), counted as (
    insert into identity_passwordguard as guard (key, tries, since, seen_at)
    select key, 1, %(now)s::timestamptz, %(now)s from unnest(%(keys)s::text[]) as key where (select it from passed)
    on conflict (key) do update
       set tries = case when guard.since <= %(set_at)s then 1 else least(guard.tries + 1, %(max)s + 1) end,
           since = case when guard.since <= %(set_at)s then excluded.since else guard.since end,
           seen_at = excluded.seen_at
    returning key, tries
)
select (select it from passed), array(select key from counted), array(select tries from counted)
"""

_FORGIVE = """
with row as (
    delete from identity_passwordguard where key = any(%(keys)s::text[]) and tries <= %(tries)s
)
update identity_sendflow set sends = greatest(sends - 1, 0) where key = %(flow)s and window_start = %(window)s
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try used up. `shown_open`: the login still takes passwords, as far as anybody may see; `open`: so it does.

    `shown_last`: a wrong one closes it for all to see; `last`: it locks the password.
    """

    keys: tuple[str, ...]
    shown_open: bool
    open: bool
    shown_last: bool
    last: bool
    flow: str
    at: datetime


def keys_of(account_id: int | None, login: str, device: str, *, known: bool) -> tuple[str, ...]:
    """Return what counts this try, in the order in which it is locked, what is shown last.

    A known device counts for itself; anybody else for the login typed and, unseen, for the account behind it.
    """
    if known:
        return (f"device {account_id} {rules.mark_hash(device)[:40]}",)
    typed = hashlib.sha256(f"login|{login}".encode()).hexdigest()[:40]
    return (f"account {account_id}" if account_id else f"account of nobody {typed}", f"login {typed}")


def take(
    keys: Sequence[str], *, set_at: datetime | None, origin: Origin, now: datetime, solved: bool = False
) -> Attempt:
    """Use up one try of each key; what was counted before the password was set at `set_at` counts for nothing.

    One statement that commits by itself: call it outside any transaction, so that it holds whatever comes after.
    Raises `CaptchaNeeded`, with nothing used up, when too many wrong passwords come from the same network and nobody
    `solved` one.
    """
    most = settings.POLICY.wrong_passwords_max
    cap = rules_passwords.WRONG_PER_ADDRESS
    flow = f"password {origin.address_prefix}" if origin.address_prefix else ""
    passed, counted, tries = prepared.only(
        _TAKE,
        {
            "flow": flow,
            "window": rules.window_start(now, cap),
            "flow_max": cap.most,
            "solved": solved,
            "keys": list(keys),
            "now": now,
            "set_at": set_at or EPOCH,
            "max": most,
        },
    )
    if not passed:
        raise CaptchaNeeded(Refusal.BUSY, rules.window_start(now, cap) + cap.span)
    taken = dict(zip(counted, tries, strict=True))
    shown, hidden = taken[keys[-1]], taken[keys[0]]
    return Attempt(
        keys=tuple(keys),
        shown_open=shown <= most,
        open=max(shown, hidden) <= most,
        shown_last=shown == most,
        last=hidden == most or (shown == most and hidden < most),
        flow=flow,
        at=now,
    )


def forgive(attempt: Attempt) -> None:
    """End the row of wrong passwords: this one was right. What is locked stays so."""
    prepared.count(_FORGIVE, forgiving(attempt))


def forgiving(attempt: Attempt | None) -> dict[str, Any]:
    """Return what a statement needs to forgive as `forgive` does; None: nothing."""
    return {
        "keys": list(attempt.keys) if attempt else [],
        "tries": settings.POLICY.wrong_passwords_max,
        "flow": attempt.flow if attempt else "",
        "window": rules.window_start(attempt.at, rules_passwords.WRONG_PER_ADDRESS) if attempt else EPOCH,
    }


def forget(*, before: datetime) -> int:
    """Forget what was counted for logins as typed; what counts for accounts and devices stays until it is right."""
    with connection.cursor() as cursor:
        cursor.execute(
            """delete from identity_passwordguard
                where seen_at < %s and (key like 'login %%' or key like 'account of nobody %%')""",
            [before],
        )
        return int(cursor.rowcount)
