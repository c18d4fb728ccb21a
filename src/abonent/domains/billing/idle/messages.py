"""Owners of numbers that nobody uses are told what becomes of them: by SMS while that arrives, and by e-mail."""

from __future__ import annotations

from abonent.domains.billing import models
from abonent.domains.identity import queries as accounts
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk
from abonent.domains.messaging import actions as messaging


def block_soon(row: models.IdleLine, number: str) -> None:
    """It will be blocked."""
    _tell(row, number, "idle soon", day=row.blocks_on.isoformat())


def blocked(row: models.IdleLine, number: str) -> None:
    """It is blocked; no SMS gets there any more."""
    _tell(row, number, "idle blocked", day=row.release_on.isoformat() if row.release_on else "")


def release_soon(row: models.IdleLine, number: str) -> None:
    """It will be given to somebody else."""
    _tell(row, number, "idle release soon", day=row.release_on.isoformat() if row.release_on else "")


def released(row: models.IdleLine, number: str) -> None:
    """It is given away; the money is still owed."""
    _tell(row, number, "idle released")


def lifted(row: models.IdleLine, number: str) -> None:
    """It works again."""
    _tell(row, number, "idle lifted")


def _tell(row: models.IdleLine, number: str, template: str, **params: str) -> None:
    told = {"number": number, **params}
    line = queries_bulk.told([row.line_id])[row.line_id]
    if line.number:
        messaging.send(recipient=line.number, template=template, params=told, language=line.language)
    for account_id in lines.accounts_of_line(row.line_id):
        standing = accounts.standing(account_id)
        if standing.email:
            messaging.send(
                channel="email", recipient=standing.email, template=template, params=told, language=standing.language
            )
