"""The copy of all that is held on a person: a ZIP of JSON files, and a summary to read on one's own."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from abonent.domains.billing import queries_export as billing
from abonent.domains.customers import queries_export as customers
from abonent.domains.identity import queries_export as identity
from abonent.domains.lines import erasing
from abonent.domains.lines import queries_export as lines
from abonent.domains.messaging import queries_export as messaging
from abonent.domains.orders import queries_export as orders
from abonent.domains.payments import queries_export as payments
from abonent.domains.porting import queries_export as porting
from abonent.domains.support import queries_export as support
from abonent.domains.usage import queries_export as usage
from abonent.domains.voice import queries_export as voice
from abonent.entrypoints.portal.identity.security import copy_summary
from abonent.entrypoints.portal.visitor import Visitor
from abonent.foundation import copies
from abonent.foundation.copies import Part

IN_MEMORY_MAX = 1024 * 1024


def parts(visitor: Visitor, email: str | None) -> list[Part]:
    """Return every part of the copy, from every domain that holds something on a person.

    Who somebody is and what they signed is given to who speaks for them; a number of theirs alone opens its own data.
    """
    line_ids = [line.id for line in visitor.lines]
    party_ids = lines.own_parties(account_id=visitor.account_id)
    contract_ids = sorted({line.contract_id for line in visitor.lines if line.party_id in party_ids})
    recipients = [*erasing.own_numbers(visitor.account_id), *([email] if email else [])]
    return [
        *identity.parts(account_id=visitor.account_id),
        *customers.parts(party_ids=party_ids, contract_ids=contract_ids),
        *lines.parts(account_id=visitor.account_id, line_ids=line_ids),
        *messaging.parts(recipients=recipients),
        *billing.parts(line_ids=line_ids, contract_ids=contract_ids, payer_id=visitor.account_id),
        *payments.parts(payer_id=visitor.account_id),
        *orders.parts(line_ids=line_ids),
        *porting.parts(account_id=visitor.account_id, line_ids=line_ids),
        *usage.parts(line_ids=line_ids),
        *voice.parts(line_ids=line_ids, account_id=visitor.account_id),
        *support.parts(party_ids=party_ids, account_id=visitor.account_id),
    ]


def write(found: Iterable[Part], visitor: Visitor, made_at: datetime) -> IO[bytes]:
    """Write the copy whole before anything is sent, in little memory whatever its size; it is gone when closed."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115 - whoever sends it closes it
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in found:
            with archive.open(f"{part.name}.json", "w") as out:
                counts[part.name] = _write_rows(part, out)
        with archive.open(copy_summary.NAME, "w") as out:
            copy_summary.write(out, visitor, counts, made_at)
    file.seek(0)
    return file


def _write_rows(part: Part, out: IO[bytes]) -> int:
    count = 0
    for row in copies.rows(part):
        out.write(b",\n" if count else b"[\n")
        out.write(row.encode())
        count += 1
    out.write(b"\n]\n" if count else b"[]\n")
    return count
