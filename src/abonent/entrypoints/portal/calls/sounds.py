"""A sound as an answer: whole or the part that a player asks for, for whoever may hear it and nobody's cache."""

from __future__ import annotations

import re
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})", re.ASCII)


def answer(request: HttpRequest, content: bytes, kind: str, name: str, *, attached: bool = False) -> HttpResponse:
    """Return the sound; of several parts or a broken wish for one, the whole, as the protocol has it."""
    said = _RANGE.fullmatch(request.headers.get("Range", ""))
    part = _part(said, len(content)) if said else None
    if said and part is None and any(said.groups()):
        response = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{len(content)}"
        return response
    if part is None:
        response = HttpResponse(content, content_type=kind)
    else:
        first, last = part
        response = HttpResponse(content[first : last + 1], content_type=kind, status=HTTPStatus.PARTIAL_CONTENT)
        response["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = f'{"attachment" if attached else "inline"}; filename="{name}"'
    return response


def _part(said: re.Match[str], size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that were asked for, None: there are none."""
    first, last = said.groups()
    if not first:
        length = min(int(last or 0), size)
        return (size - length, size - 1) if length else None
    begin, end = int(first), min(int(last or size - 1), size - 1)
    return (begin, end) if begin <= end else None
