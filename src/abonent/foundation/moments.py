"""Reading of one moment: what several queries say together, though others write meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as of the first query; inside another transaction, as that one reads.

    At the end it is rolled back: nothing was written, and a stream left in the middle has spoilt the transaction.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        try:
            yield
        finally:
            transaction.set_rollback(True)
