"""What a family that shares a package may be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from abonent.foundation.said import N_, Said, said

MEMBERS_MAX = 20


@dataclass(frozen=True, slots=True)
class Family:
    """Up to `members_most` lines, beside the owner's, take from the owner's package.

    `common_first`: before what they have of their own, else after it. `tariffs` are the codes that they may have (none
    named: any).
    """

    members_most: int
    common_first: bool = False
    tariffs: tuple[str, ...] = ()

    def opens_to(self, tariff_code: str) -> bool:
        """Return whether a line with that tariff may be a member."""
        return not self.tariffs or tariff_code in self.tariffs

    def faults(self) -> Iterator[Said]:
        """Yield what is wrong with it."""
        if not 1 <= self.members_most <= MEMBERS_MAX:
            yield said(N_("a family has 1 to %(most)s members beside its owner"), most=MEMBERS_MAX)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Family:
        return cls(**{**document, "tariffs": tuple(document["tariffs"])})
