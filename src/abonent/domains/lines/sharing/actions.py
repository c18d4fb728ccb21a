"""Writes of lines that others see: asked for, agreed to by the owner, narrowed, ended by either side at once.

Locks are taken as everywhere here: the line, its code, then the agreement.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from abonent.domains.identity import actions as identity
from abonent.domains.identity import journal
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.actions import RightCode
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import check as passwords_check
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.rules import Cap, CodeExpired, EventKind, Purpose, Refusal, TooMany, allowed_from
from abonent.domains.lines import logins, models, queries, queries_money
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import Hold
from abonent.domains.lines.rules_logins import Login, LoginKind
from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.queries import Agreement, NoSuchShare, Wish, share_of
from abonent.domains.lines.sharing.rules import Consent, EndedBy, Role
from abonent.domains.messaging import actions as messaging
from abonent.foundation import audit
from abonent.foundation.audit import Actor
from abonent.foundation.values import Msisdn

SYSTEM = Actor("system", "sharing")


class Held(Exception):
    """The SIM or the forwarding of the number changed lately: a code sent to it agrees to nothing until then."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold)
        self.hold = hold


class Protected(Exception):
    """The owner of the number had the cabinet protected: nobody new sees it until that is lifted."""


class FactorNeeded(Exception):
    """The owner has a second proof, so that a password alone agrees to nothing; a code to the number does."""


class SeenAlready(Exception):
    """The number is one's own."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The browser that asks: for limits, for the message and to repeat its own code."""

    origin: Origin
    host: str
    language: str
    again: UUID | None = None
    solved: bool = False


def wish(*, form_id: UUID, account_id: int, line: Line, number: Msisdn, role: Role, at: datetime) -> UUID:
    """Write down that the account, known by `line`, wants to see `number`; return the wish's id.

    The same form sent again is the same wish. Whether the number is anybody's is not looked at.
    """
    wish_id = uuid5(form_id, f"share|{account_id}|{line.id}|{number.e164}|{role}")
    models.ShareWish.objects.get_or_create(
        id=wish_id,
        defaults={
            "account_id": account_id,
            "viewer_line_id": line.id,
            "number": number.e164,
            "role": role,
            "asked_at": at,
        },
    )
    return wish_id


def send_code(*, wish: Wish, asking: Asking, at: datetime) -> UUID:
    """Send the owner of the number a code that says who wants to see what; return the browser's challenge.

    Nobody's number, one that is blocked or protected and one whose owner ended this lately cost the same work, give
    the same answer and get nothing. Raises `identity.rules.TooMany`, `CaptchaNeeded`.
    """
    with transaction.atomic():
        _count_sending(wish, at)
        line_id = _asked_line(wish, at)
        return identity.send_code(
            purpose=Purpose.SHARE,
            number=wish.number,
            subject=line_id,
            again=asking.again,
            origin=asking.origin,
            host=asking.host,
            language=asking.language,
            at=at,
            solved=asking.solved,
            bound=wish.bound,
            told={"number": rules.masked(wish.viewer_number), "role": wish.role},
        )


def agree_by_code(*, wish: Wish, challenge_id: UUID, typed: str, at: datetime) -> int:
    """Let the account see the line whose code `typed` is; return the agreement.

    Raises what `identity.actions.check_code` raises, `Held`, `Protected`, `SeenAlready`.
    """
    right = identity.check_code(
        challenge_id=challenge_id, purpose=Purpose.SHARE, typed=typed, at=at, bound=wish.bound
    )  # fmt: skip
    hold = queries.hold_of(right.subject, at)
    if hold is not None:
        raise Held(hold)
    with transaction.atomic():
        return _agree(wish, right.subject, Consent.CODE, at, right)


def agree_by_password(*, wish: Wish, typed: str, origin: Origin, at: datetime, solved: bool = False) -> int:
    """Let the account see the number whose cabinet `typed` is the password of; return the agreement.

    Raises what `passwords_check.check` raises, `FactorNeeded`, `Protected`, `SeenAlready`.
    """
    login = Login(LoginKind.NUMBER, wish.number)
    who = logins.named(login)
    temporary = passwords_check.check(
        account_id=who.account_id, login=str(login), typed=typed, origin=origin, at=at, solved=solved
    )
    if who.account_id is None or temporary is not None:
        # A password that opens once is for getting in, and for nothing else.
        raise WrongPassword(closed=False)
    if accounts.standing(who.account_id).has_second_factor:
        raise FactorNeeded
    with transaction.atomic():
        return _agree(wish, who.line_id, Consent.PASSWORD, at, None)


@transaction.atomic
def choose_role(*, share_id: int, own_lines: Collection[int], role: Role, at: datetime) -> bool:
    """Let the owner give more or less of the line; return whether that is another role. Raises `NoSuchShare`."""
    share = (
        models.Share.objects.select_for_update(no_key=True)
        .filter(id=share_id, ended_at=None, line_id__in=own_lines)
        .first()
    )
    if share is None:
        raise NoSuchShare(share_id)
    before = Role(share.role)
    if before == role:
        return False
    share.role = role
    share.save(update_fields=["role"])
    _note(share, EventKind.NUMBER_SHARED, at, by_owner=True)
    _record(share, "role of a shared number changed", at, {"role": str(role), "before": str(before)})
    return True


@transaction.atomic
def end(*, share_id: int, account_id: int, own_lines: Collection[int], at: datetime) -> Agreement:
    """End it at once, by whichever side sees it; ended already, it stays so. Raises `NoSuchShare`."""
    mine = share_of(share_id=share_id, account_id=account_id, own_lines=own_lines)
    share = models.Share.objects.select_for_update(no_key=True).get(id=mine.id)
    if share.ended_at is None:
        by_owner = share.line_id in own_lines
        _end(share, EndedBy.OWNER if by_owner else EndedBy.VIEWER, at)
        _note(share, EventKind.NUMBER_UNSHARED, at, by_owner=by_owner)
    return mine


def end_of_line(*, line_id: int, at: datetime) -> int:
    """End, in the caller's transaction, what is seen of the line and by it: it may be in other hands. Return how many.

    Whoever gives the line away or another SIM has locked it, so that nothing is agreed to meanwhile.
    """
    lines = Q(line_id=line_id) | Q(viewer_line_id=line_id)
    living = models.Share.objects.select_for_update(no_key=True).filter(lines, ended_at=None).order_by("id")
    ended = list(living)
    for share in ended:
        _end(share, EndedBy.NETWORK, at)
        _note(share, EventKind.NUMBER_UNSHARED, at, by_owner=share.line_id == line_id, by=journal.NETWORK)
    return len(ended)


def note_look(*, share_id: int, at: datetime) -> None:
    """Note for the owner that somebody looked, now and then."""
    models.Share.objects.filter(
        Q(looked_at=None) | Q(looked_at__lt=at - rules.LOOKED_EVERY), id=share_id, ended_at=None
    ).update(looked_at=at)


@transaction.atomic
def label(*, account_id: int, line_id: int, name: str, colour: str) -> None:
    """Call a line so in this account's list; raise `ValueError` for a name that is too long or a colour unknown."""
    kept = rules.name(name)
    if colour and colour not in rules.COLOURS:
        raise ValueError(colour)
    models.Label.objects.update_or_create(
        account_id=account_id, line_id=line_id, defaults={"name": kept, "colour": colour}
    )


@transaction.atomic
def order(*, account_id: int, line_ids: list[int]) -> None:
    """Let the account's list stand in this order."""
    for position, line_id in enumerate(line_ids):
        models.Label.objects.update_or_create(
            account_id=account_id, line_id=line_id, defaults={"position": position}
        )  # fmt: skip


def forget(*, before: datetime) -> int:
    """Forget wishes of before that, with what was sent for them; return how many."""
    return models.ShareWish.objects.filter(asked_at__lt=before).delete()[0]


def give(*, account_id: int, line: models.Line, viewer_line_id: int, role: Role, consent: Consent, at: datetime) -> int:
    """Write, in the caller's transaction that locked the line, that its owner agreed; both are told.

    Agreed to already, it becomes what was agreed to now. Raises `Protected`, `SeenAlready`.
    """
    if any(own.id == line.pk for own in queries.of_account(account_id)):
        raise SeenAlready
    owners = queries.accounts_of_line(line.pk)
    if any(accounts.standing(owner).frozen_at for owner in owners):
        raise Protected
    given, _ = models.Share.objects.update_or_create(
        account_id=account_id, line=line, ended_at=None,
        defaults={"role": role, "consent": consent, "viewer_line_id": viewer_line_id, "since": at},
    )  # fmt: skip
    _note(given, EventKind.NUMBER_SHARED, at, by_owner=False)
    _record(given, "number shared", at, {"role": str(role), "consent": str(consent)})
    # The line itself hears of it, whoever signs in for it, with how to end it.
    viewer = queries_money.named(viewer_line_id)
    messaging.send(
        recipient=line.number,
        template="number shared",
        params={"number": rules.masked(viewer.number), "role": str(role)},
        language=queries_money.named(line.pk).language,
    )
    return int(given.pk)


def _agree(wish: Wish, line_id: int, consent: Consent, at: datetime, right: RightCode | None) -> int:
    line = models.Line.objects.select_for_update(no_key=True).filter(id=line_id, number=wish.number).first()
    if line is None or line.closed_at is not None or line.blocked_at is not None or line.service != "mobile":
        # Given away or blocked since the code went out.
        raise CodeExpired
    if right is not None:
        identity.use_code(right, at=at)
    models.ShareWish.objects.filter(id=wish.id, done_at=None).update(done_at=at)
    return give(
        account_id=wish.account_id, line=line, viewer_line_id=wish.viewer_line_id, role=wish.role, consent=consent,
        at=at,
    )  # fmt: skip


def _asked_line(wish: Wish, at: datetime) -> int | None:
    """Return the line that a code to the number may share, in one query whatever is known of the number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select line.id from lines_line line
                where line.number = %(number)s and line.closed_at is null and line.blocked_at is null
                  and line.service = 'mobile'
                  and not exists (
                      select from lines_lineaccess proof join identity_account owner on owner.id = proof.account_id
                       where proof.line_id = line.id and owner.frozen_at is not null)
                  and not exists (
                      select from lines_share share
                       where share.line_id = line.id and share.account_id = %(account)s
                         and share.ended_by = 'owner' and share.ended_at > %(shut_after)s)""",
            {"number": wish.number, "account": wish.account_id, "shut_after": at - rules.SHUT_FOR},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _count_sending(wish: Wish, at: datetime) -> None:
    """Use up one sending of who asks and of who is asked; raise `TooMany`, alike for nobody's number."""
    with connection.cursor() as cursor:
        for key in (f"account {wish.account_id}", f"number {wish.number}"):
            cursor.execute("select pg_advisory_xact_lock(hashtext('share'), hashtext(%s))", [key])
    sent = models.ShareSending.objects
    _within(sent.filter(account_id=wish.account_id), rules.WISHES, at)
    _within(sent.filter(number=wish.number), rules.WISHES_TO_NUMBER, at)
    sent.create(wish_id=wish.id, account_id=wish.account_id, number=wish.number, at=at)


def _within(sent: QuerySet[models.ShareSending], caps: tuple[Cap, ...], at: datetime) -> None:
    longest = max(cap.span for cap in caps)
    times = list(sent.filter(at__gt=at - longest).values_list("at", flat=True))
    until = allowed_from(times, caps, at)
    if until > at:
        raise TooMany(Refusal.SENDS, until)


def _end(share: models.Share, by: EndedBy, at: datetime) -> None:
    share.ended_at, share.ended_by = at, by
    share.save(update_fields=["ended_at", "ended_by"])
    _record(share, "number shared no more", at, {"by": str(by)})


def _record(share: models.Share, action: str, at: datetime, details: dict[str, str | int | bool | None]) -> None:
    audit.record(
        actor=SYSTEM, action=action, subject=f"line {share.line_id}", on_behalf_of=f"account {share.account_id}",
        details=details, at=at,
    )  # fmt: skip


def _note(share: models.Share, kind: EventKind, at: datetime, *, by_owner: bool, by: str = "") -> None:
    """Write it into the journals of both sides; the side that did not do it hears of it by message."""
    viewer = rules.masked(queries_money.named(share.viewer_line_id).number)
    line = queries_money.named(share.line_id)
    for account_id in queries.accounts_of_line(share.line_id):
        journal.note(
            account_id=account_id, kind=kind, at=at, by=by or (journal.OWNER if by_owner else journal.ANOTHER),
            detail={"number": line.number, "with": viewer, "role": share.role}, tell=not by_owner,
        )  # fmt: skip
    journal.note(
        account_id=share.account_id, kind=kind, at=at, by=by or (journal.ANOTHER if by_owner else journal.OWNER),
        detail={"number": rules.masked(line.number), "role": share.role}, tell=by_owner,
    )  # fmt: skip
