"""Does everything in the ledger agree? Read twice from end to end, added up by PostgreSQL: no row comes to Python.

The first reading adds transfers up by pair of accounts, which tells sums, strange accounts and mixed books. The second
looks at transfers that are about each other: held and resolved, moved and taken back. Both see one moment, however long
they take; posting goes on meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from abonent.domains.ledger import verifying_checks

# What is due is released once a minute; a worker that is down longer than this is worth a line.
EXPIRY_LATE = timedelta(minutes=10)
SHOWN_OF_A_KIND = 50
# Hashes of a million accounts stay in memory.
_MEMORY = "set local work_mem = '128MB'"
_SHOWN = f"""
select * from (select *, row_number() over (partition by found.rule order by told) as place,
                      count(*) over (partition by found.rule) as total from ({{}}) as found) as placed
 where place <= {SHOWN_OF_A_KIND} order by 1, place
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not agree: `rule` names the rule, `told` says of what and by how much."""

    rule: str
    told: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and what does not agree: at most `SHOWN_OF_A_KIND` of each kind, `unshown` by kind beyond."""

    transfers: int
    accounts: int
    pending: int
    findings: tuple[Finding, ...]
    unshown: dict[str, int]

    def to_json(self) -> dict[str, object]:
        """Return the verdict for machines."""
        return {
            "agrees": not self.findings,
            "transfers": self.transfers,
            "accounts": self.accounts,
            "pending": self.pending,
            "findings": [{"rule": finding.rule, "told": finding.told} for finding in self.findings],
            "unshown": self.unshown,
        }


def verify(*, now: datetime) -> Verdict:
    """Look at the whole ledger as it is at this moment; call it outside a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        return look(cursor, now=now)


def look(cursor: Any, *, now: datetime) -> Verdict:
    """Do what `verify` does in the transaction of `cursor`, seeing what that sees."""
    cursor.execute(_MEMORY)
    for statement in verifying_checks.READ:
        cursor.execute(statement)
    findings: list[Finding] = []
    unshown: dict[str, int] = {}
    for question in verifying_checks.QUESTIONS:
        cursor.execute(_SHOWN.format(question), {"late": now - EXPIRY_LATE})
        for rule, told, place, total in cursor.fetchall():
            findings.append(Finding(rule, told))
            if place == SHOWN_OF_A_KIND < total:
                unshown[rule] = total - place
    cursor.execute(verifying_checks.COUNTS)
    transfers, accounts, pending = cursor.fetchone()
    cursor.execute(verifying_checks.FORGET)
    return Verdict(int(transfers), int(accounts), int(pending), tuple(findings), unshown)
