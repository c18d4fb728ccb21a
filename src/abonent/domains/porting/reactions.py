"""Answers of porting to facts about accounts."""

from __future__ import annotations

from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.taking import actions as taking
from abonent.foundation.clock import now


def stop_leaving(account_id: int, event_id: int, kind: str) -> None:  # noqa: ARG001 - whatever it was about
    """The owner said "it was not me": no number of theirs leaves meanwhile."""
    taking.stop_of_account(account_id=account_id, at=now())


def forget_person(account_id: int) -> None:
    """The account was deleted: what it asked for, which the contract needs, is nobody's."""
    bringing.forget_person(account_id=account_id)
