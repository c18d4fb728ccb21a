"""Writes of identity."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.identity import guards, journal, models, queries, rules
from abonent.domains.identity.guards import Origin, Try
from abonent.domains.identity.passwords import guards as guards_passwords
from abonent.domains.identity.passwords.guards import Attempt
from abonent.domains.identity.rules import Channel, CodeUsed, EventKind, Purpose, Refusal, TooMany, Way, WrongCode
from abonent.domains.identity.sessions import SessionStore
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.rules import Priority
from abonent.domains.messaging.secrets import SecretRef
from abonent.foundation import prepared


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
    hidden: str | None = None,
    withheld: bool = False,
    solved: bool = False,
    instead: str = "",
    bound: str = "",
    told: Mapping[str, str] | None = None,
) -> UUID:
    """Send a code to `number`; return the challenge that only the asking browser may know.

    `number` is whose limits count and what the page shows; `address` is where the code goes when that is not the same.
    `hidden` is for what only stands for a number (an e-mail address, a contract): the number whose limits count as
    well, empty when it belongs to nobody. `subject` is what the proof will open; None: no code is ever right. `again`
    is the browser's challenge: while it lives, its code is sent once more. A `withheld` code is not sent though it
    would be right; `instead` names a message that goes out in its place. `solved`: a person answered a captcha.
    `bound` is the digest of the one thing that the code confirms, `told` what the message says of it. Raises `TooMany`.
    """
    recipient = address or number
    behind = "" if hidden is None else hidden or guards.stand_in(number)
    with transaction.atomic():
        # In one transaction: who is refused because another form was faster can already see that form's challenge.
        kept = _keep(again, purpose, number, subject, channel, address, bound, at)
        # A stranger who has messages sent to the number must not close the way by e-mail as well.
        allowed = guards.count_send(
            number=number, hidden=behind, hidden_sends=channel is not Channel.EMAIL, origin=origin, now=at,
            solved=solved,
        )  # fmt: skip
        opens = subject if allowed else None
        challenge_id = kept or _make(
            purpose=purpose, number=number, subject=opens, channel=channel, address=address, hidden=behind,
            device=origin.device, bound=bound, at=at,
        )  # fmt: skip
        withheld = withheld or not allowed or (opens is None and not instead) or not _may_get(channel, recipient)
        messaging.send(
            channel=str(channel), recipient=recipient, template=instead or "code", language=language,
            params={**(told or {}), "purpose": purpose, "request": rules.request_number(challenge_id), "host": host},
            priority=Priority.CODE, secret=SecretRef("code", str(challenge_id)), withheld=withheld,
        )  # fmt: skip
    return challenge_id


def _may_get(channel: Channel, recipient: str) -> bool:
    """Return whether what a message to the recipient costs is ours to pay: e-mail costs nothing."""
    return channel is Channel.EMAIL or recipient.startswith(settings.ALLOWED_RANGES)


@dataclass(frozen=True, slots=True)
class RightCode:
    """A code that proved right and is to be used up: what it opens, and for which number."""

    challenge_id: UUID
    subject: int
    number: str
    attempt: Try


def check_code(*, challenge_id: UUID, purpose: Purpose, typed: str, at: datetime, bound: str = "") -> RightCode:
    """Compare `typed` (6 digits) with the challenge's code; give the answer to `use_code` with what it opens.

    `bound` is the digest of what is to be confirmed now: a code that was sent for another thing is a wrong one.
    The try is counted for good before the code is looked at, so this must stand outside any transaction. Raises
    `WrongCode`, `CodeExpired`, `CodeUsed`, `CodeSpent`, `NoSuchCode`, `TooMany`.
    """
    # By itself the one statement is a transaction; inside another one, which might take it back, this raises.
    with transaction.atomic(durable=True) if connection.in_atomic_block else nullcontext():
        attempt = guards.take_try(challenge_id=challenge_id, purpose=purpose, now=at)
    if attempt is None:
        raise queries.why_dead(challenge_id, purpose, at) or CodeUsed()
    if not attempt.counted:
        raise guards.refusal(attempt.number, at) or TooMany(Refusal.FAILURES, at)
    right = rules.is_same_code(queries.code(challenge_id, purpose, attempt.number, bound), typed)
    if not right or attempt.subject is None:
        raise WrongCode(attempt.tries_left)
    return RightCode(challenge_id, attempt.subject, attempt.number, attempt)


def use_code(right: RightCode, *, at: datetime) -> None:
    """Use the code up, in the transaction that opens what it proves; raise `CodeUsed` when another was faster."""
    if not guards.use(challenge_id=right.challenge_id, done=right.attempt, now=at):
        raise CodeUsed


def open_account(*, language: str) -> int:
    """Make an account for a person who just proved a number; return its id."""
    account = models.Account(language=language)
    account.set_unusable_password()
    account.save()
    return account.pk


def prove_number_anew(*, number: str) -> None:
    """Lift the hard stop of a number that was proven another way (in a shop, with the document)."""
    models.NumberGuard.objects.filter(number=number).update(failures_in_a_row=0, failures=[])


# A device never seen before, beside others, is told of in the same transaction: outside of one, nothing is written.
_RECORD_SIGN_IN = """
with news as (
    select %(mark)s::text <> '' and exists (select from identity_device where account_id = %(account)s)
           and not exists (select from identity_device where account_id = %(account)s and mark = %(mark)s) as it
), goes as (
    select it from news where %(in_transaction)s or not it
), calmed as (
    update identity_sendflow set sends = greatest(sends - 1, 0) from goes
     where key = %(flow)s and window_start = %(window)s
    returning key
), forgiven as (
    -- After the row above, as every try locks them.
    delete from identity_passwordguard using goes
     where key = any(%(keys)s::text[]) and tries <= %(tries)s and (select count(*) from calmed) >= 0
), seen as (
    insert into identity_device as device (account_id, mark, agent, first_seen_at, last_seen_at)
    select %(account)s, %(mark)s, %(agent)s, %(at)s, %(at)s from goes where %(mark)s <> ''
    on conflict (account_id, mark) do update set last_seen_at = excluded.last_seen_at, agent = excluded.agent
    returning id
), entered as (
    insert into identity_signin (account_id, at, way, device_id, agent, address, in_app)
    select %(account)s, %(at)s, %(way)s, (select id from seen), %(agent)s, %(address)s, %(in_app)s from goes
    returning id
), begun as (
    insert into identity_session (data, account_id, sign_in_id, expires_at, key)
    select %(data)s::text, %(account)s, id, %(expires_at)s::timestamptz, %(key)s::text from entered where %(key)s <> ''
)
select entered.id, goes.it from entered, goes
"""


def record_sign_in(
    *,
    account_id: int,
    way: Way,
    origin: Origin,
    agent: str,
    in_app: bool,
    at: datetime,
    session: SessionStore | None = None,
    forgives: Attempt | None = None,
) -> int:
    """Write an entry into the account's history and return its id; the owner hears of a device never seen before.

    `agent` is what the browser calls itself (up to 200 characters); a device is told by the mark it holds. With it the
    new `session` is written, all it holds, and what a right password `forgives`: one statement, one commit.
    """
    data, _, expires_at, key = session.row() if session is not None else ("", None, None, "")
    values = {
        "account": account_id,
        "mark": rules.mark_hash(origin.device),
        "agent": agent[:200],
        "at": at,
        "way": str(way),
        "address": origin.address_prefix,
        "in_app": in_app,
        "data": data,
        "expires_at": expires_at,
        "key": key,
        **guards_passwords.forgiving(forgives),
    }
    entry = prepared.row(_RECORD_SIGN_IN, values | {"in_transaction": False})
    if entry is None:
        with transaction.atomic():
            entry = prepared.only(_RECORD_SIGN_IN, values | {"in_transaction": True})
            if entry[1]:
                detail = {"agent": agent[:200], "way": str(way)}
                journal.note(account_id=account_id, kind=EventKind.NEW_DEVICE, at=at, detail=detail)
    sign_in_id = int(entry[0])
    if session is not None:
        session.note_written(sign_in_id)
    return sign_in_id


@transaction.atomic
def end_sessions(*, account_id: int, at: datetime, keep: str | None = None, sign_in_id: int | None = None) -> int:
    """End the account's sessions but the one with the key `keep`, or only that of one entry; return how many.

    Entries are ended, too: one whose session another request is only about to write is dead before it lives.
    """
    # Two of its browsers that end all others at once do so one after the other.
    models.Account.objects.select_for_update(no_key=True).filter(id=account_id).first()
    living = models.Session.objects.filter(account_id=account_id)
    entries = models.SignIn.objects.filter(account_id=account_id, ended_at=None, at__gt=at - rules.SESSION_LIFE_MAX)
    if sign_in_id is not None:
        living, entries = living.filter(sign_in_id=sign_in_id), entries.filter(id=sign_in_id)
    if keep is not None:
        kept = [entry for entry in living.filter(key=keep).values_list("sign_in_id", flat=True) if entry]
        living, entries = living.exclude(key=keep), entries.exclude(id__in=kept)
    entries.update(ended_at=at)
    return living.delete()[0]


@transaction.atomic
def end_others(*, account_id: int, keep: str, at: datetime) -> int:
    """At the owner's wish end all sessions but the one with the key `keep`; return how many that were.

    A session that was ended while its own wish waited ends nothing any more.
    """
    models.Account.objects.select_for_update(no_key=True).get(id=account_id)
    if not models.Session.objects.filter(account_id=account_id, key=keep, sign_in__ended_at=None).exists():
        return 0
    ended = end_sessions(account_id=account_id, at=at, keep=keep)
    if ended:
        journal.note(account_id=account_id, kind=EventKind.SESSIONS_ENDED, at=at)
    return ended


@transaction.atomic
def end_one(*, account_id: int, sign_in_id: int, at: datetime) -> bool:
    """End the session of one entry; return False when the account has no such session open."""
    if not end_sessions(account_id=account_id, at=at, sign_in_id=sign_in_id):
        return False
    agent = models.SignIn.objects.values_list("agent", flat=True).get(id=sign_in_id)
    journal.note(account_id=account_id, kind=EventKind.SESSIONS_ENDED, at=at, detail={"agent": agent}, tell=False)
    return True


@transaction.atomic
def forget_device(*, account_id: int, device_id: int, at: datetime) -> bool:
    """Know a device no more, and end its sessions; return False when the account knows no such device."""
    device = models.Device.objects.filter(account_id=account_id, id=device_id)
    if not device.exists():
        return False
    for sign_in_id in models.Session.objects.filter(sign_in__device_id=device_id).values_list("sign_in_id", flat=True):
        end_sessions(account_id=account_id, at=at, sign_in_id=sign_in_id)
    device.delete()
    return True


def note_language(*, account_id: int, language: str) -> None:
    """Remember the language the person reads, for messages that no page asked for."""
    models.Account.objects.filter(id=account_id).exclude(language=language).update(language=language)


def forget(*, before: datetime) -> int:
    """Forget challenges and counters that ended before `before` and count for nothing; return how many."""
    gone = models.Challenge.objects.filter(expires_at__lt=before).delete()[0]
    gone += models.NumberGuard.objects.filter(seen_at__lt=before, failures_in_a_row=0).delete()[0]
    gone += models.NumberGuard.objects.filter(seen_at__lt=before, number__startswith="nobody ").delete()[0]
    gone += models.Captcha.objects.filter(expires_at__lt=before).delete()[0]
    return gone + models.SendFlow.objects.filter(window_start__lt=before).delete()[0]


_KEEP = """
update identity_challenge set sends = sends + 1, channel = %(channel)s
 where id = %(id)s and purpose = %(purpose)s and number = %(number)s and address = %(address)s
   and bound = %(bound)s and subject is not distinct from %(subject)s::bigint
   and spent_at is null and tries_left > 0 and expires_at > %(now)s
returning id
"""


def _keep(
    challenge_id: UUID | None,
    purpose: Purpose,
    number: str,
    subject: int | None,
    channel: Channel,
    address: str,
    bound: str,
    at: datetime,
) -> UUID | None:
    """Return the browser's challenge if its code still is good for the same number and the same holder of it."""
    if challenge_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "id": challenge_id,
                "purpose": purpose,
                "number": number,
                "address": address,
                "bound": bound,
                "subject": subject,
                "channel": channel,
                "now": at,
            },
        )
        return challenge_id if cursor.fetchone() else None


_MAKE = """
insert into identity_challenge (id, purpose, channel, number, address, hidden, device, subject, created_at, expires_at,
                                tries_left, sends, next_password, next_problem, bound, made_by)
values (%(id)s, %(purpose)s, %(channel)s, %(number)s, %(address)s, %(hidden)s, %(device)s, %(subject)s, %(now)s,
        %(expires_at)s, %(tries)s, 1, '', '', %(bound)s, '')
"""


def _make(
    *,
    purpose: Purpose,
    number: str,
    subject: int | None,
    channel: Channel,
    address: str,
    hidden: str,
    device: str,
    bound: str,
    at: datetime,
) -> UUID:
    # Plain SQL: each sign-in begins here.
    challenge_id = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _MAKE,
            {
                "id": challenge_id,
                "purpose": purpose,
                "channel": channel,
                "number": number,
                "address": address,
                "hidden": hidden,
                "device": device,
                "bound": bound,
                "subject": subject,
                "now": at,
                "expires_at": at + rules.CODE_LIFE,
                "tries": rules.TRIES_PER_CODE,
            },
        )
    return challenge_id
