"""Logins at other services: whom they open, how they are added and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction

from abonent.domains.identity import journal, models_federation
from abonent.domains.identity.models_federation import NAME_LENGTH_MAX
from abonent.domains.identity.rules import EventKind


class Outcome(StrEnum):
    """What came of adding a login."""

    LINKED = "linked"
    # It opens this account already.
    ALREADY = "already"
    # It opens another account: nothing is taken from anybody.
    ELSEWHERE = "elsewhere"
    # The account has another login of the same service.
    OCCUPIED = "occupied"


@dataclass(frozen=True, slots=True)
class Link:
    """A login that opens the account; `name` is what the person is called at the service, may be empty."""

    id: int
    service: str
    name: str
    linked_at: datetime
    used_at: datetime | None


def account_of(*, service: str, uid: str) -> int | None:
    """Return the id of the account that the login opens, if any."""
    return models_federation.Link.objects.filter(service=service, uid=uid).values_list("account_id", flat=True).first()


def links_of(account_id: int) -> list[Link]:
    """Return the logins of an account, the oldest first."""
    rows = models_federation.Link.objects.filter(account_id=account_id).order_by("id")
    return [Link(*row) for row in rows.values_list("id", "service", "name", "linked_at", "used_at")]


@transaction.atomic
def link(*, account_id: int, service: str, uid: str, name: str, at: datetime) -> Outcome:
    """Let the login open the account from now on and tell the owner; of two at once only one gets it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into identity_link (account_id, service, uid, name, linked_at)
               values (%s, %s, %s, %s, %s) on conflict do nothing""",
            [account_id, service, uid, clean_name(name), at],
        )
        added = cursor.rowcount
    if not added:
        owner = account_of(service=service, uid=uid)
        if owner is None:
            return Outcome.OCCUPIED
        return Outcome.ALREADY if owner == account_id else Outcome.ELSEWHERE
    journal.note(account_id=account_id, kind=EventKind.LINK_ADDED, at=at, detail={"service": service})
    return Outcome.LINKED


@transaction.atomic
def unlink(*, account_id: int, link_id: int, at: datetime) -> str | None:
    """Take a login from its account and tell the owner; return the service, None when the account has no such login."""
    found = models_federation.Link.objects.select_for_update().filter(id=link_id, account_id=account_id).first()
    if found is None:
        return None
    found.delete()
    journal.note(account_id=account_id, kind=EventKind.LINK_REMOVED, at=at, detail={"service": found.service})
    return found.service


def note_use(*, service: str, uid: str, at: datetime) -> None:
    """Remember when the login was used last."""
    models_federation.Link.objects.filter(service=service, uid=uid).update(used_at=at)


def clean_name(name: str) -> str:
    """Return a name as another service gave it, without what could deceive the eye, and not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:NAME_LENGTH_MAX]
