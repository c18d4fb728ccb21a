"""Who can get money by number, and whose money a contract's is; values, not models."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Receiver:
    """A mobile line that can get money, and the name of whom it belongs to."""

    line_id: int
    contract_id: int
    number: str
    given_name: str
    family_name: str
    language: str


_RECEIVER = """
    select line.id, line.contract_id, line.number, party.given_name, party.family_name, party.language
      from lines_line line
      join customers_contract contract on contract.id = line.contract_id
      join customers_party party on party.id = contract.party_id
"""


def receiver(number: str) -> Receiver | None:
    """Return whom `number` (E.164) reaches with money: served here as mobile and not blocked; in one query, always."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_RECEIVER} where line.number = %s and line.service = 'mobile'
                 and line.closed_at is null and line.blocked_at is null""",
            [number],
        )
        row = cursor.fetchone()
    return Receiver(*row) if row else None


def named(line_id: int) -> Receiver:
    """Return whose line it is, whatever its service and state; raise `LookupError`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_RECEIVER} where line.id = %s", [line_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(line_id)
    return Receiver(*row)


def is_served(line_id: int, contract_id: int) -> bool:
    """Return whether the line is still served on that contract."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from lines_line where id = %s and contract_id = %s and closed_at is null)",
            [line_id, contract_id],
        )
        return bool(cursor.fetchone()[0])


def served_on(contract_id: int) -> frozenset[int]:
    """Return the lines that the contract has now."""
    with connection.cursor() as cursor:
        cursor.execute("select id from lines_line where contract_id = %s and closed_at is null", [contract_id])
        return frozenset(line_id for (line_id,) in cursor.fetchall())
