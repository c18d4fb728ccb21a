"""Measuring the speed: how much may be moved, who may begin, what is a result, what it is enough for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MB = 1_000_000
# A test, all of it, takes no longer; then its place is somebody else's.
LIVES = timedelta(seconds=40)
# Each direction is measured this long at most.
DIRECTION_S = 8
STREAMS_DOWN = 4
STREAMS_UP = 2
PIECE_DOWN_MAX = 2 * MB
PIECE_UP_MAX = MB
HOUR = timedelta(hours=1)
PER_HOUR = 12
# Many stand behind one address; more than these is no person.
PER_HOUR_NAMELESS = 30
KEPT = timedelta(days=90)
NAMELESS_KEPT = timedelta(days=1)
KBPS_MAX = 100_000_000
LATENCY_US_MAX = 60_000_000


class Size(StrEnum):
    """How much is moved at most: on a phone, by wire, or a file to time by oneself."""

    SMALL = "small"
    FULL = "full"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Most:
    """How many bytes a test may move."""

    down_bytes: int
    up_bytes: int

    @property
    def mb(self) -> int:
        """Return both together, as it is told."""
        return (self.down_bytes + self.up_bytes) // MB


MOST: Mapping[Size, Most] = {
    Size.SMALL: Most(30 * MB, 10 * MB),
    Size.FULL: Most(220 * MB, 80 * MB),
    Size.FILE: Most(5 * MB, 0),
}


class Why(StrEnum):
    """Why no test begins."""

    BUSY = "busy"
    HERE = "here"
    OFTEN = "often"


@dataclass(frozen=True, slots=True)
class Standing:
    """What runs, of it for who asks, and how many they began within the hour; `known`: they are signed in."""

    running: int
    own_running: int
    own_lately: int
    known: bool


def refusal(standing: Standing, at_once: int) -> Why | None:
    """Return why no test begins now, or None."""
    if standing.own_lately >= (PER_HOUR if standing.known else PER_HOUR_NAMELESS):
        return Why.OFTEN
    if standing.own_running:
        return Why.HERE
    return Why.BUSY if standing.running >= at_once else None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a browser says that it measured."""

    down_bytes: int
    down_ms: int
    up_bytes: int
    up_ms: int
    latency_us: int
    jitter_us: int


@dataclass(frozen=True, slots=True)
class Speeds:
    """A result."""

    down_kbps: int
    up_kbps: int
    latency_us: int
    jitter_us: int


class Implausible(ValueError):
    """More than was moved, or in no time: no browser of ours measured that."""


def speeds(measured: Measured, *, down_bytes: int, up_bytes: int, lasted: timedelta) -> Speeds:
    """Return the result; the bytes are those that we moved, `lasted` is how long ago it began."""
    lasted_ms = lasted // timedelta(milliseconds=1)
    for said, moved, took_ms in (
        (measured.down_bytes, down_bytes, measured.down_ms),
        (measured.up_bytes, up_bytes, measured.up_ms),
    ):
        if not 0 < said <= moved or not 0 < took_ms <= lasted_ms:
            raise Implausible
    if measured.down_ms + measured.up_ms > lasted_ms:
        raise Implausible
    if not (0 < measured.latency_us <= LATENCY_US_MAX and 0 <= measured.jitter_us <= LATENCY_US_MAX):
        raise Implausible
    # Bits in a millisecond are kilobits in a second.
    down, up = measured.down_bytes * 8 // measured.down_ms, measured.up_bytes * 8 // measured.up_ms
    if max(down, up) > KBPS_MAX:
        raise Implausible
    return Speeds(down, up, measured.latency_us, measured.jitter_us)


class Use(StrEnum):
    """What a connection is for."""

    MESSAGES = "messages"
    MUSIC = "music"
    VIDEO = "video"
    VIDEO_4K = "video 4k"
    VIDEO_CALLS = "video calls"
    GAMES = "games"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class Need:
    """What a use asks for; 0: it does not matter."""

    down_kbps: int = 0
    up_kbps: int = 0
    latency_ms: int = 0
    jitter_ms: int = 0


NEEDS: Mapping[Use, Need] = {
    Use.MESSAGES: Need(down_kbps=250, up_kbps=100),
    Use.MUSIC: Need(down_kbps=1_000),
    Use.VIDEO: Need(down_kbps=6_000),
    Use.VIDEO_4K: Need(down_kbps=25_000),
    Use.VIDEO_CALLS: Need(down_kbps=3_000, up_kbps=2_000, latency_ms=200, jitter_ms=50),
    Use.GAMES: Need(down_kbps=3_000, up_kbps=1_000, latency_ms=70, jitter_ms=25),
    Use.SENDING: Need(up_kbps=10_000),
}


def enough_for(result: Speeds) -> list[tuple[Use, bool]]:
    """Return each use, and whether this is enough for it."""
    return [(use, _is_enough(result, need)) for use, need in NEEDS.items()]


def _is_enough(result: Speeds, need: Need) -> bool:
    quick = not need.latency_ms or result.latency_us <= need.latency_ms * 1000
    steady = not need.jitter_ms or result.jitter_us <= need.jitter_ms * 1000
    return result.down_kbps >= need.down_kbps and result.up_kbps >= need.up_kbps and quick and steady


class Verdict(StrEnum):
    """A measured speed beside the one that the tariff promises at most."""

    AS_PROMISED = "as promised"
    LESS = "less"
    FAR_LESS = "far less"


def verdict(down_kbps: int, promised_kbps: int) -> Verdict | None:
    """Return how it compares; None: nothing is promised. What a Wi-Fi takes away is allowed for."""
    if not promised_kbps:
        return None
    if down_kbps * 10 >= promised_kbps * 8:
        return Verdict.AS_PROMISED
    return Verdict.LESS if down_kbps * 2 >= promised_kbps else Verdict.FAR_LESS
