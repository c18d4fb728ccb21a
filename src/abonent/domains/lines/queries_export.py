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
        part("earlier-numbers", "lines_pastnumber", "number, since, until", "since"),
        part("tariffs", "lines_tariffassignment", "tariff_version_id as tariff, valid_from, valid_until", "valid_from"),
        part("sims", "lines_sim", "imsi, since, until", "since"),
        part("forwardings", "lines_forwarding", "condition, target, since, until", "since"),
        part("bars", "lines_bar", "kind, since, until, ends_at, by, lifted_by", "since"),
        part("pins", "lines_linepin", "guards, set_at", "set_at"),
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
        part("premises", "lines_premises", "district, address", "line_id"),
        part("equipment", "lines_device", "kind, model, serial, terms, since, until, warranty_until", "since"),
        part("activations", "lines_activation", "asked_at, ended_at, failed", "asked_at"),
        Part(
            "speed-tests",
            ("lines_speedtest",),
            """select started_at, line_id as line, promised_kbps, down_kbps, up_kbps, latency_us, jitter_us
                 from lines_speedtest where account_id = %s order by started_at""",
            (account_id,),
        ),
        *_shared(account_id, ids),
    ]


def _shared(account_id: int, line_ids: list[int]) -> list[Part]:
    """Return what the account sees of others, what others see of its lines, and how it calls them."""
    return [
        Part(
            "shared-with-me",
            ("lines_share",),
            """select role, consent, since, looked_at, ended_at, ended_by from lines_share where account_id = %s
                order by id""",
            (account_id,),
        ),
        Part(
            "shared-by-me",
            ("lines_share",),
            """select line_id as line, role, consent, since, looked_at, ended_at, ended_by from lines_share
                where line_id = any(%s) order by id""",
            (line_ids,),
        ),
        Part(
            "numbers-asked-for",
            ("lines_sharewish", "lines_sharesending"),
            """select wish.number, role, asked_at, done_at,
                      array(select at from lines_sharesending where wish_id = wish.id order by at) as sent_at
                 from lines_sharewish wish where account_id = %s order by asked_at""",
            (account_id,),
        ),
        Part(
            "number-requests",
            ("lines_numberrequest",),
            """select number, from_number, asked_at, due_at, state, reason, decided_at from lines_numberrequest
                where account_id = %s order by id""",
            (account_id,),
        ),
        Part(
            "names-of-lines",
            ("lines_label",),
            "select line_id as line, name, colour, position from lines_label where account_id = %s order by id",
            (account_id,),
        ),
    ]


def own_parties(*, account_id: int) -> list[int]:
    """Return the parties whose main line the account proved: for them it speaks, not only for a number of theirs."""
    proven = models.LineAccess.objects.filter(account_id=account_id, line__is_main=True, line__closed_at=None)
    return list(proven.values_list("line__contract__party_id", flat=True).distinct())
