"""Whose line it is: the one door through which pages get a line."""

from __future__ import annotations

from abonent.domains.lines import queries


class NoSuchLine(LookupError):
    """The line is not there, or not yours: the same answer to both."""


def lines_of(account_id: int) -> list[queries.Line]:
    """Return the lines of the account, the main one first; raise `NoSuchLine` when it has none any more."""
    lines = queries.of_account(account_id)
    if not lines:
        raise NoSuchLine
    return lines
