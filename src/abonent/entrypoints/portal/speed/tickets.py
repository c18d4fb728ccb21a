"""What a browser shows with each piece: that a test of its own runs, and that the piece before has arrived."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from abonent.domains.lines.speed.rules import LIVES, Size

SALT = "speed"
RECEIPT_BYTES = 16


def ticket(test_id: UUID, size: Size) -> str:
    """Return what the browser shows for the test."""
    return signing.dumps([str(test_id), size.value], salt=SALT)


def shown(request: HttpRequest) -> tuple[UUID, Size] | None:
    """Return the test whose ticket a request shows, asked by a page of ours; None: none, or it is over.

    No page of others can send the header, and a browser says when the request is not of this site.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return None
    return read(request.headers.get("Speed-Ticket", ""))


def read(given: str) -> tuple[UUID, Size] | None:
    """Return the test of a ticket."""
    try:
        test_id, size = signing.loads(given, salt=SALT, max_age=LIVES)
        return UUID(str(test_id)), Size(size)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def receipt(test_id: UUID, stream: int, number: int) -> bytes:
    """Return what a piece ends with: only who has received all of it can ask for the next of its stream."""
    return salted_hmac("speed receipt", f"{test_id} {stream} {number}", algorithm="sha256").digest()[:RECEIPT_BYTES]


def is_receipt(given: str, test_id: UUID, stream: int, number: int) -> bool:
    """Return whether it is the end of that piece, as hexadecimal."""
    return constant_time_compare(given, receipt(test_id, stream, number).hex())
