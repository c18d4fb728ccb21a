"""Whose line it is, and what may be seen of it: the one door through which pages get a line."""

from __future__ import annotations

from collections.abc import Sequence

from abonent.domains.lines import queries, queries_bulk
from abonent.domains.lines.sharing import rules as sharing_rules
from abonent.domains.lines.sharing.rules import Permission


class NoSuchLine(LookupError):
    """The line is not there, or not yours: the same answer to both."""


class NotShared(PermissionError):
    """The owner of the line did not agree to this; `permission` is what is missing, None: it is in no role."""

    def __init__(self, permission: Permission | None) -> None:
        super().__init__(permission)
        self.permission = permission


def lines_of(account_id: int) -> list[queries.Line]:
    """Return the lines of the account, the main one first, then what others share with it (`Line.role`).

    Raises `NoSuchLine` when it has none of its own any more.
    """
    lines = queries.seen_by(account_id)
    if not lines or lines[0].role:
        raise NoSuchLine
    return lines


def require(line: queries.Line, permission: Permission | None) -> None:
    """Raise `NotShared` unless the line is one's own, or its owner agreed to exactly this."""
    if line.role and (permission is None or not sharing_rules.may(line.role, permission)):
        raise NotShared(permission)


def may(line: queries.Line, permission: Permission) -> bool:
    """Return whether this may be seen or done of the line."""
    return sharing_rules.may(line.role, permission)


def whole_contracts(lines: Sequence[queries.Line]) -> list[int]:
    """Return the contracts whose every served line is among `lines`: only to whom sees all is told what all cost."""
    seen = {line.id for line in lines}
    served = queries_bulk.named_of_contracts({line.contract_id for line in lines})
    hidden = {line.contract_id for line in served if line.is_served and line.line_id not in seen}
    return sorted({line.contract_id for line in lines} - hidden)
