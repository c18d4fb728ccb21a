"""Writes of identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from abonent.domains.identity import guards, journal, models, queries, rules
from abonent.domains.identity.guards import Origin, Try
from abonent.domains.identity.rules import Channel, CodeUsed, EventKind, Purpose, Refusal, TooMany, Way, WrongCode
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef


def send_code(
    *,
    purpose: Purpose,
    number: str,
    subject: int | None,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    channel: Channel = Channel.SMS,
    address: str = "",
) -> UUID:
    """Send a code to `number` (E.164) and return the challenge that only the asking browser may know.

    `address` is where it goes when that is not the number itself.

    `subject` is what the proof will open; None does the same work, and no code is ever right. `again` is the
    browser's challenge: while it lives, its code is sent once more instead of a new one. Raises `TooMany`.
    """
    with transaction.atomic():
        # In one transaction: who is refused because another form was faster can already see that form's challenge.
        guards.take_send(number=number, origin=origin, now=at)
        challenge_id = _keep(again, purpose, number, subject, at) or _make(purpose, number, subject, origin.device, at)
        messaging.send(
            channel=str(channel),
            recipient=address or number,
            template="code",
            params={"purpose": purpose, "request": rules.request_number(challenge_id), "host": host},
            language=language,
            priority=Priority.CODE,
            secret=SecretRef("code", str(challenge_id)),
            withheld=subject is None,
        )
    return challenge_id


@dataclass(frozen=True, slots=True)
class RightCode:
    """A code that proved right and is to be used up: what it opens, and for which number."""

    challenge_id: UUID
    subject: int
    number: str
    attempt: Try


def check_code(*, challenge_id: UUID, purpose: Purpose, typed: str, at: datetime) -> RightCode:
    """Compare `typed` (6 digits) with the challenge's code; give the answer to `use_code` with what it opens.

    The try is counted for good before the code is looked at, so this must stand outside any transaction. Raises
    `WrongCode`, `CodeExpired`, `CodeUsed`, `CodeSpent`, `NoSuchCode`, `TooMany`.
    """
    with transaction.atomic(durable=True):
        attempt = guards.take_try(challenge_id=challenge_id, purpose=purpose, now=at)
    if attempt is None:
        raise queries.why_dead(challenge_id, purpose, at) or CodeUsed()
    if not attempt.counted:
        raise guards.refusal(attempt.number, at) or TooMany(Refusal.FAILURES, at)
    right = rules.is_same_code(queries.code(challenge_id, purpose, attempt.number), typed)
    if not right or attempt.subject is None:
        raise WrongCode(attempt.tries_left)
    return RightCode(challenge_id, attempt.subject, attempt.number, attempt)


@transaction.atomic
def use_code(right: RightCode, *, at: datetime) -> None:
    """Use the code up, in the transaction that opens what it proves; raise `CodeUsed` when another was faster."""
    if not models.Challenge.objects.filter(id=right.challenge_id, spent_at=None).update(spent_at=at):
        raise CodeUsed
    guards.forgive(right.attempt)


def open_account(*, language: str) -> int:
    """Make an account for a person who just proved a number; return its id."""
    account = models.Account(language=language)
    account.set_unusable_password()
    account.save()
    return account.pk


def prove_number_anew(*, number: str) -> None:
    """Lift the hard stop of a number that was proven another way (in a shop, with the document)."""
    models.NumberGuard.objects.filter(number=number).update(failures_in_a_row=0, failures=[])


_RECORD_SIGN_IN = """
with seen as (
    insert into identity_device as device (account_id, mark, agent, first_seen_at, last_seen_at)
    select %(account)s, %(mark)s, %(agent)s, %(at)s, %(at)s where %(mark)s <> ''
    on conflict (account_id, mark) do update set last_seen_at = excluded.last_seen_at, agent = excluded.agent
    returning id, first_seen_at
), entered as (
    insert into identity_signin (account_id, at, way, device_id, agent, address, in_app)
    values (%(account)s, %(at)s, %(way)s, (select id from seen), %(agent)s, %(address)s, %(in_app)s)
    returning id
)
select entered.id, seen.first_seen_at = %(at)s,
       exists (select from identity_device other where other.account_id = %(account)s)
  from entered left join seen on true
"""


def record_sign_in(*, account_id: int, way: Way, origin: Origin, agent: str, in_app: bool, at: datetime) -> int:
    """Write an entry into the account's history and return its id; the owner hears of a device never seen before.

    `agent` is what the browser calls itself (up to 200 characters); a device is told by the mark it holds.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _RECORD_SIGN_IN,
            {
                "account": account_id,
                "mark": rules.mark_hash(origin.device),
                "agent": agent[:200],
                "at": at,
                "way": way,
                "address": origin.address_prefix,
                "in_app": in_app,
            },
        )
        sign_in_id, new_device, had_others = cursor.fetchone()
        if new_device and had_others:
            journal.note(
                account_id=account_id, kind=EventKind.NEW_DEVICE, at=at, detail={"agent": agent[:200], "way": way}
            )
    return int(sign_in_id)


@transaction.atomic
def end_sessions(*, account_id: int, at: datetime, keep: str | None = None, sign_in_id: int | None = None) -> int:
    """End the account's sessions but the one with the key `keep`, or only that of one entry; return how many."""
    living = models.Session.objects.filter(account_id=account_id)
    if sign_in_id is not None:
        living = living.filter(sign_in_id=sign_in_id)
    if keep is not None:
        living = living.exclude(key=keep)
    entries = [entry for entry in living.values_list("sign_in_id", flat=True) if entry]
    models.SignIn.objects.filter(id__in=entries, ended_at=None).update(ended_at=at)
    return living.delete()[0]


def note_language(*, account_id: int, language: str) -> None:
    """Remember the language the person reads, for messages that no page asked for."""
    models.Account.objects.filter(id=account_id).exclude(language=language).update(language=language)


def forget(*, before: datetime) -> int:
    """Forget challenges and counters that ended before `before` and count for nothing; return how many."""
    gone = models.Challenge.objects.filter(expires_at__lt=before).delete()[0]
    gone += models.NumberGuard.objects.filter(seen_at__lt=before, failures_in_a_row=0).delete()[0]
    return gone + models.SendFlow.objects.filter(window_start__lt=before).delete()[0]


def _keep(challenge_id: UUID | None, purpose: Purpose, number: str, subject: int | None, at: datetime) -> UUID | None:
    """Return the browser's challenge if its code still is good for the same number and the same holder of it."""
    if challenge_id is None:
        return None
    living = models.Challenge.objects.filter(
        id=challenge_id, purpose=purpose, number=number, subject=subject, spent_at=None, tries_left__gt=0,
        expires_at__gt=at,
    )  # fmt: skip
    return challenge_id if living.update(sends=F("sends") + 1) else None


def _make(purpose: Purpose, number: str, subject: int | None, device: str, at: datetime) -> UUID:
    return models.Challenge.objects.create(
        purpose=purpose,
        number=number,
        device=device,
        subject=subject,
        created_at=at,
        expires_at=at + rules.CODE_LIFE,
        tries_left=rules.TRIES_PER_CODE,
    ).id
