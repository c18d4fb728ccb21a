"""Whose bills and account a page shows: only to who sees every line of a contract is told what all of them cost."""

from __future__ import annotations

from abonent.domains.lines.access import whole_contracts
from abonent.entrypoints.portal.visitor import Visitor


def contract_of(visitor: Visitor) -> int | None:
    """Return the contract of the line that pages speak of, None when the visitor does not see all of it."""
    return visitor.line.contract_id if visitor.line.contract_id in contracts_of(visitor) else None


def contracts_of(visitor: Visitor) -> list[int]:
    """Return every contract whose lines the visitor all sees, in one query."""
    return whole_contracts(visitor.lines)
