""" "It was not me": nothing dangerous is done to an account until it is clear who its owner is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.identity import actions, journal, models, rules_freezing
from abonent.domains.identity.events import AccountFrozen
from abonent.domains.identity.rules import EventKind, Proof, Purpose, Way
from abonent.domains.identity.rules_freezing import CANNOT_BE_DISPUTED, Happened
from abonent.foundation import outbox


class NoSuchEvent(LookupError):
    """The event is not there, is another's, or nothing that could be disputed: the same answer to all."""


class Frozen(Exception):
    """The account is protected: what was asked for is not done before that is lifted."""


class NotEnough(Exception):
    """This proof does not lift the protection: it may be in the same hands as what is disputed."""


@transaction.atomic
def freeze(
    *, account_id: int, event_id: int | None, at: datetime, keep: str | None = None, by: str = journal.OWNER
) -> None:
    """Protect the account, because its owner says that the event was somebody else's doing.

    All sessions but the one with the key `keep` end, the password is no good any more, no device but that session's is
    known, the deletion of the cabinet is called off. Staff are told. Staff may protect, too (`by` "agent:<id>"), with
    no one event in question (None). Raises `NoSuchEvent`; a second call does nothing.
    """
    account = models.Account.objects.select_for_update().get(id=account_id)
    event = None if event_id is None else _disputable(account_id, event_id)
    if event is None and account.frozen_at is not None:
        return
    disputed = models.SecurityEvent.objects.filter(id=event.pk, disputed_at=None) if event else None
    if disputed is not None and not disputed.update(disputed_at=at):
        return
    kept = models.Session.objects.filter(account_id=account_id, key=keep).values_list("sign_in__device_id", flat=True)
    devices = [device for device in kept if device]
    actions.end_sessions(account_id=account_id, at=at, keep=keep)
    models.Device.objects.filter(account_id=account_id).exclude(id__in=devices).delete()
    if account.frozen_at is None:
        account.frozen_at = at
        because = {"because": event.kind} if event else {}
        journal.note(account_id=account_id, kind=EventKind.FROZEN, at=at, by=by, detail=because)
    account.set_unusable_password()
    account.password_set_at = None
    account.erase_at = None
    account.save(update_fields=["password", "password_set_at", "frozen_at", "erase_at"])
    # What was sent before may be in the same hands; with it goes the password that would become permanent by its use.
    models.Challenge.objects.filter(purpose=Purpose.TEMPORARY, subject=account_id, spent_at=None).update(
        spent_at=at, next_password=""
    )
    if event:
        outbox.announce(AccountFrozen(account_id, event.pk, event.kind))


@transaction.atomic
def thaw(*, account_id: int, at: datetime, by: str = journal.OWNER, proof: Proof | None = None) -> None:
    """Lift the protection: the owner with a `proof`, staff after checking who it is (`by` "agent:<id>").

    Raises `NotEnough`. An account that is not protected stays as it is.
    """
    account = models.Account.objects.select_for_update().get(id=account_id)
    if account.frozen_at is None:
        return
    if by == journal.OWNER and proof not in _lifting_proofs(account):
        raise NotEnough
    models.Account.objects.filter(id=account_id).update(frozen_at=None)
    journal.note(
        account_id=account_id, kind=EventKind.THAWED, at=at, by=by, detail={"proof": str(proof)} if proof else {}
    )


def ensure_not_frozen(account_id: int) -> None:
    """Raise `Frozen` while the account is protected; locks it, so that a protection beginning right now waits."""
    account = models.Account.objects.select_for_update(no_key=True).filter(id=account_id).only("frozen_at").first()
    if account is not None and account.frozen_at is not None:
        raise Frozen


def lifting_proofs(account_id: int) -> frozenset[Proof]:
    """Return what the owner can lift the protection with; empty: only our staff can, with the document checked."""
    return _lifting_proofs(models.Account.objects.get(id=account_id))


def closed_ways(account_id: int) -> frozenset[Way]:
    """Return the ways in that are closed while the account is protected."""
    account = models.Account.objects.get(id=account_id)
    return rules_freezing.closed_ways(_lifting_proofs(account), has_passkey=account.has_passkey)


def _lifting_proofs(account: models.Account) -> frozenset[Proof]:
    if account.frozen_at is None:
        return frozenset()
    rows = models.SecurityEvent.objects.filter(account=account).values_list("kind", "at", "disputed_at")
    return rules_freezing.lifting_proofs(
        frozen_at=account.frozen_at,
        happened=[Happened(EventKind(kind), at, disputed_at) for kind, at, disputed_at in rows],
        has_email=account.email is not None,
        has_second_factor=account.has_second_factor,
        has_passkey=account.has_passkey,
    )


def _disputable(account_id: int, event_id: int) -> models.SecurityEvent:
    event = models.SecurityEvent.objects.filter(id=event_id, account_id=account_id).first()
    if event is None or event.kind in CANNOT_BE_DISPUTED:
        raise NoSuchEvent
    return event
