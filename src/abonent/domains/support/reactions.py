"""Answers of support to facts about accounts."""

from __future__ import annotations

from abonent.foundation import audit
from abonent.foundation.audit import Actor
from abonent.foundation.clock import now

OWNER = Actor("system", "customer")


def take_up_protection(account_id: int, event_id: int, kind: str) -> None:
    """Put the owner's "it was not me" on the trail, where supervisors see it; staff lift the protection in a case.

    Told twice by a worker that was killed in between, it stands there twice.
    """
    audit.record(
        actor=OWNER,
        action="it was not me",
        subject=f"account {account_id}",
        details={"event": event_id, "about": kind},
        at=now(),
    )
