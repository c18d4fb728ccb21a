"""What orders tell content providers, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID


class NoAnswer(Exception):
    """The provider did not say that it heard: the same is told again."""


@dataclass(frozen=True, slots=True)
class Notice:
    """How a subscription stands now. It may come more than once, and later ones hold: `at` is when it came to be so.

    `external_id` is the provider's own, empty when the subscriber asked by SMS. `state` is `active`, `paused` or
    `ended`, `why` says it of the last two; an ended one works until before `works_until`.
    """

    subscription_id: UUID
    external_id: str
    provider: str
    service: str
    number: str
    state: str
    why: str
    at: datetime
    works_until: date | None


class Providers(Protocol):
    """Speaks to content providers; never called inside a transaction of ours."""

    def tell(self, *, url: str, key: str, notice: Notice) -> None:
        """Tell the provider at `url`, signed with its `key`; raise `NoAnswer` unless it says that it heard."""
        ...
