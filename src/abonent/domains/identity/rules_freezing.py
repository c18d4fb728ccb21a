"""What "it was not me" closes, and what opens it again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from abonent.domains.identity.rules import EventKind, Proof, Way

# A secret that somebody else may have set or be setting right now opens nothing.
ALWAYS_CLOSED = frozenset({Way.PASSWORD, Way.TEMPORARY, Way.RESET, Way.SOCIAL})
CHANGED_BY = {
    EventKind.EMAIL_SET: Proof.EMAIL,
    EventKind.FACTOR_ADDED: Proof.FACTOR,
    EventKind.CODES_MADE: Proof.FACTOR,
}
CANNOT_BE_DISPUTED = frozenset({EventKind.FROZEN})


class Happened(NamedTuple):
    """An event of the account's journal."""

    kind: EventKind
    at: datetime
    disputed_at: datetime | None


def lifting_proofs(
    *,
    frozen_at: datetime,
    happened: Iterable[Happened],
    has_email: bool,
    has_second_factor: bool,
    has_passkey: bool,
) -> frozenset[Proof]:
    """Return what lifts the protection: proofs the account had before the first thing that the owner disputes.

    An SMS never does: who holds the SIM may be the very question.
    """
    events = list(happened)
    disputed = [event.at for event in events if event.disputed_at and event.disputed_at >= frozen_at]
    since = min(disputed, default=frozen_at)
    changed = {CHANGED_BY.get(event.kind) for event in events if event.at >= since}
    proofs = set()
    if has_email and Proof.EMAIL not in changed:
        proofs.add(Proof.EMAIL)
    if Proof.FACTOR not in changed:
        proofs |= {Proof.PASSKEY} if has_passkey else set()
        proofs |= {Proof.FACTOR} if has_second_factor else set()
    return frozenset(proofs)


def closed_ways(lifting: frozenset[Proof], *, has_passkey: bool) -> frozenset[Way]:
    """Return the ways in that are closed while the account is protected.

    Those by an address or a key that may be somebody else's are closed, too; a number still opens everyday pages.
    """
    closed = set(ALWAYS_CLOSED)
    if Proof.EMAIL not in lifting:
        closed.add(Way.EMAIL)
    if has_passkey and Proof.PASSKEY not in lifting:
        closed.add(Way.PASSKEY)
    return frozenset(closed)
