"""Clients that work at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

CLIENTS = 8


@pytest.fixture
def together() -> Iterator[Callable[[Callable[[int], object]], list[object]]]:
    """Give a function that runs `work(number)` on every client at once and returns what came back."""

    def run(work: Callable[[int], object]) -> list[object]:
        def client(number: int) -> object:
            try:
                return work(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(client, range(CLIENTS)))

    return run
