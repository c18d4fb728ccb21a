"""Codes to the e-mail address of an account: the limits of its number count, and nobody sees that."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.identity import actions as identity
from abonent.domains.identity import addresses
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.lines import queries

# Stands for the account that an unknown address has not got, so that the same is asked of the database.
NO_ACCOUNT = 0


def request_code(
    *,
    address: str,
    purpose: Purpose,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    solved: bool = False,
) -> UUID:
    """Send a code to the account whose confirmed address is `address` (lower case); return the challenge.

    An address that nobody confirmed costs the same work, gives the same answer and gets nothing. Raises `TooMany`.
    """
    account_id = addresses.account_with(address)
    return identity.send_code(
        purpose=purpose,
        number=address,
        subject=account_id,
        again=again,
        origin=origin,
        host=host,
        language=language,
        at=at,
        channel=Channel.EMAIL,
        hidden=queries.main_number_of(account_id or NO_ACCOUNT) or "",
        solved=solved,
    )
