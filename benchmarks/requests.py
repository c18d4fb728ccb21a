"""Requests straight into the WSGI application: no network, no client, only the server's own work."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import cache
from statistics import median
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity.sessions import SessionStore
from abonent.domains.lines import actions as lines
from abonent.domains.lines import queries as line_queries
from abonent.foundation.clock import now

_application = cache(get_wsgi_application)
ROUNDS = 15
REQUESTS_A_ROUND = 20


def cookie_of(number: str) -> str:
    """Return the Cookie header of somebody who has just signed in with `number`."""
    from django.contrib.auth import SESSION_KEY, get_user_model

    line = line_queries.served_by_number(number)
    assert line is not None
    account_id = line_queries.account_of(line.id)
    if account_id is None:
        account = get_user_model()._default_manager.create()
        lines.give_access(line_id=line.id, account_id=account.pk, at=now())
        account_id = account.pk
    session = SessionStore()
    at = int(now().timestamp())
    session.update(
        {
            SESSION_KEY: str(account_id),
            "seen_at": at,
            "proven_at": at,
            "proof_used_at": at,
            "line": line.id,
            "proven_line": line.id,
        }
    )
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def getter(path: str, cookie: str) -> Callable[[], bytes]:
    """Return a function that gets the page and returns its body; anything but 200 is an error."""
    address, _, query = path.partition("?")

    def get() -> bytes:
        status, _headers, body = send("GET", address, QUERY_STRING=query, HTTP_COOKIE=cookie)
        assert status == 200, f"{path}: {status}"
        return body

    return get


def send(method: str, path: str, body: bytes = b"", **environ: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Send a request and return the answer's status, headers and body; `environ` goes into WSGI's."""
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        said[:] = int(status[:3]), headers

    answer = _application()(
        {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), **environ,
        },
        start,
    )  # fmt: skip
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return *said, content


def cpu_s(*works: Callable[[], object]) -> list[float]:
    """Return the CPU seconds of one call of each work, measured in turns so that noise hits all alike."""
    for work in works:
        for _ in range(REQUESTS_A_ROUND):
            work()
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for number, work in enumerate(works):
            start = time.process_time()
            for _ in range(REQUESTS_A_ROUND):
                work()
            spent[number].append((time.process_time() - start) / REQUESTS_A_ROUND)
    return [median(times) for times in spent]


def wall_s(*works: Callable[[], object], rounds: int = 60) -> list[float]:
    """Return the median wall seconds of one call of each work, measured in turns."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            spent[number].append(time.perf_counter() - start)
    return [median(times) for times in spent]


def queries_of(work: Callable[[], object]) -> int:
    """Return how many queries one call makes."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)
