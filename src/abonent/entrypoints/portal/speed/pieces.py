"""What a running test moves: empty answers, random bytes to the browser, bytes from it that are thrown away.

An answer is cut from one block of random bytes, so that nothing can pack it, and handed to the server whole: no thread
waits until a slow phone has read it. Bytes sent to us are read piece by piece by a thread; only so many do that.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache, wraps
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from abonent.domains.lines.speed import actions as speed
from abonent.domains.lines.speed.rules import PIECE_DOWN_MAX, PIECE_UP_MAX, STREAMS_DOWN, Size
from abonent.entrypoints.portal.speed import tickets
from abonent.foundation.clock import now

READ_BYTES = 64 * 1024
PIECE_MAX_S = 10
# Threads that answer people are few: some of them may take in what measures the speed, the rest stays for the pages.
UPLOADS_AT_ONCE = max(1, settings.SERVER_THREADS // 2)

_turns = threading.BoundedSemaphore(UPLOADS_AT_ONCE)
Piece = Callable[[HttpRequest, UUID, Size], HttpResponse]


def _of_a_test(view: Piece) -> Callable[[HttpRequest], HttpResponse]:
    """Answer only who shows the ticket of a test; nothing on the way may keep or pack what is answered."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        test = tickets.shown(request)
        response = HttpResponse(status=403) if test is None else view(request, *test)
        response["Cache-Control"] = "no-store, no-transform"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return answer


@require_GET
@_of_a_test
def ping(request: HttpRequest, test_id: UUID, size: Size) -> HttpResponse:  # noqa: ARG001 - each piece gets them
    """Answer nothing, at once."""
    return HttpResponse(status=204)


@require_GET
@_of_a_test
def down(request: HttpRequest, test_id: UUID, size: Size) -> HttpResponse:
    """Answer the next piece of a stream; 410: there is no more, or the one before has not arrived."""
    stream, number = _whole(request, "stream", STREAMS_DOWN - 1), _whole(request, "number", 2**20)
    length = _whole(request, "bytes", PIECE_DOWN_MAX)
    if stream is None or number is None or not length or length < tickets.RECEIPT_BYTES:
        return HttpResponse(status=400)
    arrived = request.headers.get("Speed-Receipt", "")
    if number and not tickets.is_receipt(arrived, test_id, stream, number - 1):
        return HttpResponse(status=410)
    if not speed.hand_out(
        test_id=test_id, size=size, stream=stream, number=number, length_bytes=length, at=now()
    ):  # fmt: skip
        return HttpResponse(status=410)
    end = tickets.receipt(test_id, stream, number)
    return HttpResponse(noise(length - len(end)) + end, content_type="application/octet-stream")


@require_POST
@_of_a_test
def up(request: HttpRequest, test_id: UUID, size: Size) -> HttpResponse:
    """Take a piece in and forget it; 410: no more is taken, 503: too many send at once, try again."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or not 0 < int(length) <= PIECE_UP_MAX:
        return HttpResponse(status=413)
    if not _turns.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "1"})
    try:
        if not speed.take_in(test_id=test_id, size=size, length_bytes=int(length), at=now()):
            return HttpResponse(status=410)
        return HttpResponse(status=204 if _read(request, int(length)) else 408)
    finally:
        _turns.release()


def noise(length: int) -> bytes:
    """Return bytes that cannot be packed, from another place of the block each time."""
    block = _block()
    begins = secrets.randbelow(len(block) - length + 1)
    return block[begins : begins + length]


@cache
def _block() -> bytes:
    return os.urandom(4 * PIECE_DOWN_MAX)


def _read(request: HttpRequest, length: int) -> bool:
    """Read all that was promised, in little memory; return whether it came, and in time."""
    until = time.monotonic() + PIECE_MAX_S
    while length and time.monotonic() < until:
        taken = len(request.read(min(READ_BYTES, length)))
        if not taken:
            return False
        length -= taken
    return not length


def _whole(request: HttpRequest, name: str, most: int) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 and int(given) <= most else None
