"""A number joins a family by a code: sent to it, told by its owner to who asks, bound to the invitation and the payer.

So somebody without a cabinet agrees, too. Nobody's number, one that is blocked and one whose cabinet is protected cost
the same and get nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import queries, rules
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.domains.billing.families.rules import InvitationState
from abonent.domains.billing.transfers.rules import masked
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.identity import actions as identity
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import CodeExpired, Purpose, digest_of
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import Hold

_ASKED = """
    select line.id from lines_line line
     where line.number = %s and line.closed_at is null and line.blocked_at is null and line.service = 'mobile'
       and not exists (
           select from lines_lineaccess proof join identity_account owner on owner.id = proof.account_id
            where proof.line_id = line.id and owner.frozen_at is not null)
"""


class Held(Exception):
    """The SIM or the forwarding of the number changed lately: a code sent to it agrees to nothing until then."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold)
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Wanted:
    """That a number is asked to agree by a code; `owner_number` pays `fee_minor` a month for the family."""

    invitation_id: UUID
    group_id: UUID
    owner_line_id: int
    owner_number: str
    number: str
    name: str
    fee_minor: int

    @property
    def bound(self) -> str:
        """Return the digest that the code is bound to: which invitation, who pays, how much."""
        return digest_of(("family", self.invitation_id, self.group_id, self.owner_line_id, self.number, self.fee_minor))


@dataclass(frozen=True, slots=True)
class Asking:
    """The browser that asks: for limits, for the message and to repeat its own code."""

    origin: Origin
    host: str
    language: str
    again: UUID | None = None
    solved: bool = False


def wanted(*, invitation_id: UUID, line: Line, at: datetime) -> Wanted:
    """Return what a code would agree to, of an invitation of the line's own that waits; raise `NoSuchFamily`."""
    row = models.FamilyInvitation.objects.filter(id=invitation_id, state=InvitationState.WAITING).first()
    product = queries.product_of(line.id)
    if row is None or product is None or at >= row.asked_at + rules.INVITED_FOR:
        raise NoSuchFamily
    owns = models.FamilyMember.objects.filter(line_id=line.id, group=row.group_id, is_owner=True, until=None)
    if not owns.exists():
        raise NoSuchFamily
    version = offers_queries.offer_versions([product.offer_version_id])[product.offer_version_id]
    return Wanted(row.id, row.group_id, line.id, line.number, row.number, row.name, version.fee_minor)


def send_code(*, wanted: Wanted, asking: Asking, at: datetime) -> UUID:
    """Send the number a code that says who pays how much; return the browser's challenge.

    Raises `identity.rules.TooMany`, `CaptchaNeeded`.
    """
    with transaction.atomic():
        return identity.send_code(
            purpose=Purpose.FAMILY,
            number=wanted.number,
            subject=_asked_line(wanted.number),
            again=asking.again,
            origin=asking.origin,
            host=asking.host,
            language=asking.language,
            at=at,
            solved=asking.solved,
            bound=wanted.bound,
            told={"number": masked(wanted.owner_number), "amount_minor": str(wanted.fee_minor)},
        )


def agree_by_code(*, wanted: Wanted, challenge_id: UUID, typed: str, at: datetime) -> datetime:
    """Let the line whose code `typed` is be a member; return from when it is one.

    Raises what `identity.actions.check_code` raises, `Held`, and what `families.agree` raises.
    """
    right = identity.check_code(
        challenge_id=challenge_id, purpose=Purpose.FAMILY, typed=typed, at=at, bound=wanted.bound
    )
    hold = lines.hold_of(right.subject, at)
    if hold is not None:
        raise Held(hold)
    with transaction.atomic():
        line = lines.served_by_id(right.subject)
        if line is None or line.number != wanted.number or _asked_line(wanted.number) != line.id:
            # Given away, blocked or protected since the code went out.
            raise CodeExpired
        since = families.agree(invitation_id=wanted.invitation_id, line=line, at=at)
        identity.use_code(right, at=at)
        return since


def _asked_line(number: str) -> int | None:
    """Return the line that a code to the number may bind, in one query whatever is known of the number."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [number])
        row = cursor.fetchone()
    return row[0] if row else None
