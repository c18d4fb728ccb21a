"""The settings of the server itself: how many processes and threads answer, and what measuring the speed may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    def whole(self, name: str, default: int) -> int: ...

    def flag(self, name: str, default: bool) -> bool: ...


@dataclass(frozen=True)
class Server:
    """`speed_tests` may measure at once, over all machines; `speed_is_free`: traffic to us costs nothing on a phone."""

    processes: int
    threads: int
    speed_tests: int
    speed_is_free: bool


def read(reader: Reader) -> Server:
    """Return the settings of the server; what is wrong stands with the reader."""
    return Server(
        processes=reader.whole("ABONENT_SERVER_PROCESSES", 1),
        threads=reader.whole("ABONENT_SERVER_THREADS", 5),
        speed_tests=reader.whole("ABONENT_SPEED_TESTS", 2),
        speed_is_free=reader.flag("ABONENT_SPEED_IS_FREE", default=False),
    )
