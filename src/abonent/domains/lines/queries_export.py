"""What lines hold on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.domains.lines import models
from abonent.foundation.copies import Part


def parts(*, account_id: int, line_ids: Collection[int]) -> list[Part]:
    """Return the lines, what the network told of them, and which ones the account proved."""
    ids = list(line_ids)

    def part(name: str, table: str, columns: str, order: str) -> Part:
        sql = f"select line_id as line, {columns} from {table} where line_id = any(%s) order by {order}"
        return Part(name, (table,), sql, (ids,))

    return [
        Part(
            "lines",
            ("lines_line",),
            """select id, contract_id as contract, service, number, is_main, opened_at, closed_at, blocked_at,
                      block_reason
                 from lines_line where id = any(%s) order by id""",
            (ids,),
        ),
        part("tariffs", "lines_tariffassignment", "tariff_version_id as tariff, valid_from, valid_until", "valid_from"),
        part("sims", "lines_sim", "imsi, since, until", "since"),
        part("forwardings", "lines_forwarding", "condition, target, since, until", "since"),
        part("bars", "lines_bar", "kind, since, until, ends_at, by, lifted_by", "since"),
        part("services", "lines_product", "offer_code as service, since, until", "since"),
        part(
            "network-commands",
            "lines_provisioningcommand",
            "number, features_on, features_off, state, created_at, sent_at, ended_at",
            "id",
        ),
        part("network-events", "lines_networkevent", "kind, at, value, condition", "at"),
        Part(
            "proven-lines",
            ("lines_lineaccess",),
            "select line_id as line, proven_at from lines_lineaccess where account_id = %s order by proven_at",
            (account_id,),
        ),
    ]


def own_parties(*, account_id: int) -> list[int]:
    """Return the parties whose main line the account proved: for them it speaks, not only for a number of theirs."""
    proven = models.LineAccess.objects.filter(account_id=account_id, line__is_main=True, line__closed_at=None)
    return list(proven.values_list("line__contract__party_id", flat=True).distinct())
