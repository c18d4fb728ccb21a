"""Whose line it is: the one door through which pages get a line."""

from __future__ import annotations

from collections.abc import Sequence

from abonent.domains.lines import queries, queries_bulk


class NoSuchLine(LookupError):
    """The line is not there, or not yours: the same answer to both."""


def lines_of(account_id: int) -> list[queries.Line]:
    """Return the lines of the account, the main one first; raise `NoSuchLine` when it has none any more."""
    lines = queries.of_account(account_id)
    if not lines:
        raise NoSuchLine
    return lines


def whole_contracts(lines: Sequence[queries.Line]) -> list[int]:
    """Return the contracts whose every served line is among `lines`: only to whom sees all is told what all cost."""
    seen = {line.id for line in lines}
    served = queries_bulk.named_of_contracts({line.contract_id for line in lines})
    hidden = {line.contract_id for line in served if line.is_served and line.line_id not in seen}
    return sorted({line.contract_id for line in lines} - hidden)
