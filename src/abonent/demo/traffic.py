"""What the network saw: calls, messages, sessions and content as columns, for a block of lines and some days.

Every event hangs on a throw of its own line and day, so the same world gives the same events however it is cut.
A call between two subscribers is drawn once and told twice, by the one who called and the one who answered.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from polars._typing import PolarsDataType

from abonent.demo.calendar import (
    CALL_HOURS,
    CALL_HOURS_WEEKEND,
    DATA_HOURS,
    DATA_HOURS_WEEKEND,
    DAY_S,
    EVENING_HOURS,
    ZONE_NAMES,
    Days,
    seconds,
)
from abonent.demo.catalogue import CONTENT
from abonent.demo.circles import CONTACTS, FRIEND_BITS, PHONES, Block
from abonent.demo.dice import Dice
from abonent.demo.people import World

EVENTS_A_DAY_MAX = 256
KIND = pl.Enum(["voice", "sms", "mms", "data", "content"])
DIRECTION = pl.Enum(["out", "in"])
ZONE = pl.Enum(["", *ZONE_NAMES])
COLUMNS: dict[str, PolarsDataType] = {
    "line": pl.Int32, "at": pl.Int64, "kind": KIND, "direction": DIRECTION, "peer": pl.String,
    "duration_s": pl.Int64, "bytes": pl.Int64, "units": pl.Int64, "zone": ZONE,
}  # fmt: skip

CALLS_OUT, CALLS_IN = 1.65, 1.05
SMS_OUT, SMS_IN = 0.5, 1.4
MMS_OUT = 0.04
FILMS = 0.12
GAMES = 0.012
SHORT_NUMBERS = ("0890", "0890", "112", "+78000000890")
SMS_NAMES = ("Bank-Opora", "DOSTAVKA", "Apteka24", "Polyana", "Kurier", "0890", "Kinozal", "VASH-DOM")
MEGABYTE = 1024 * 1024
ROAMING_BYTES_MAX = 12 * MEGABYTE


def events(world: World, block: Block, first: date, count: int) -> pl.DataFrame:
    """Return what happened on `count` days from `first`, with `COLUMNS`, in order of time, none after `world.now`."""
    days = Days(world, block, first, count)
    found = [
        *_calls(days),
        *_messages(days, "sms", SMS_OUT),
        *_messages(days, "mms", MMS_OUT),
        _named_messages(days),
        _sessions(days),
        _subscriptions(days),
        _bought(days, "V", FILMS, ("content-film", "content-film", "content-match")),
        _bought(days, "C", GAMES, ("content-game",)),
    ]
    every = pl.concat(found)
    opened = block.lines["opened"].gather(every["line"])
    over = every["at"] + every["duration_s"] > int(world.now.timestamp())
    return every.filter((every["at"] >= opened) & ~over).sort("at", "line", "kind", "direction", "peer", "bytes")


class _Drawn:
    """Events of one sort: a row of `days.frame` and a throw of its own for each."""

    def __init__(self, days: Days, sort: str, mean: pl.Series) -> None:
        counts = Dice(days.counters, days.world.seed, sort, "count").count("count", mean).clip(0, EVENTS_A_DAY_MAX - 1)
        rows = pl.int_range(0, counts.len(), dtype=pl.Int64, eager=True)
        self.days = days
        self.row = rows.repeat_by(counts).explode(empty_as_null=False)
        before = (counts.cum_sum() - counts).gather(self.row)
        turn = pl.int_range(0, self.row.len(), dtype=pl.Int64, eager=True) - before
        self.dice = Dice(days.counters.gather(self.row) * EVENTS_A_DAY_MAX + turn, days.world.seed, sort)
        self.line = days.frame["line"].gather(self.row)
        self.zone = days.frame["zone"].gather(self.row)

    def at(self, workdays: tuple[int, ...], weekends: tuple[int, ...]) -> pl.Series:
        frame = self.days.frame
        second = seconds(self.dice.share("second"), frame["weekend"].gather(self.row), workdays, weekends)
        return frame["midnight"].gather(self.row) + second

    def of_line(self, column: str) -> pl.Series:
        return self.days.block.lines[column].gather(self.line)

    def table(self, kind: str, direction: str, at: pl.Series, **columns: pl.Series | str | int) -> pl.DataFrame:
        return _table(kind, direction, self.line, at, **columns)


def _table(kind: str, direction: str, line: pl.Series, at: pl.Series, **columns: pl.Series | str | int) -> pl.DataFrame:
    """Return events with `COLUMNS`; what is not given is empty or nothing."""
    empty: dict[str, pl.Series | str | int] = {"peer": "", "duration_s": 0, "bytes": 0, "units": 0, "zone": ""}
    return _typed(empty | columns | {"line": line, "at": at, "kind": kind, "direction": direction}, at.len())


def _typed(columns: dict[str, pl.Series | str | int], rows: int) -> pl.DataFrame:
    frame = pl.DataFrame({"at": columns["at"]}, schema={"at": pl.Int64}, height=rows)
    return frame.select(
        (pl.lit(columns[name]) if name != "at" else pl.col("at")).cast(dtype).alias(name)
        for name, dtype in COLUMNS.items()
    )


def _habit(days: Days, column: str, roles: str) -> pl.Series:
    """Return `column` of each row's line where its role is one of `roles`, else 0."""
    lines = days.block.lines
    value = pl.select(pl.when(lines["role"].is_in(list(roles))).then(lines[column]).otherwise(0.0)).to_series()
    return value.gather(days.frame["line"])


def _places(zone: pl.Series) -> pl.Series:
    return pl.Series(ZONE_NAMES, dtype=ZONE).gather(zone)


def _calls(days: Days) -> list[pl.DataFrame]:
    mood = _habit(days, "calls", PHONES + "S") * (1.08 - 0.28 * days.frame["weekend"].cast(pl.Float64))
    out = _Drawn(days, "calls", mood * CALLS_OUT)
    duration = _call_seconds(out)
    calls = _between(out, "voice", out.at(CALL_HOURS, CALL_HOURS_WEEKEND), short_numbers=True, duration_s=duration)
    heard = _Drawn(days, "calls-in", mood * CALLS_IN)
    # Friends are heard when they call; everybody else calls from outside.
    slot = heard.dice.upto("contact", CONTACTS - len(FRIEND_BITS)) + len(FRIEND_BITS)
    peer = days.block.peer.gather(heard.line.cast(pl.Int64) * CONTACTS + slot)
    at = heard.at(CALL_HOURS, CALL_HOURS_WEEKEND)
    zone = _places(heard.zone)
    calls.append(heard.table("voice", "in", at, peer=peer, duration_s=_call_seconds(heard), zone=zone))
    return calls


def _call_seconds(drawn: _Drawn) -> pl.Series:
    """Return how long calls last: a minute or two, sometimes an hour; the old talk longer, those abroad are brief."""
    longer = drawn.of_line("role").is_in(["E"]).cast(pl.Float64) * 0.7
    brief = (drawn.zone > 0).cast(pl.Float64) * 0.4
    return (drawn.dice.normal("duration") * 0.9 + 4.25 + longer - brief).exp().cast(pl.Int64) + 1


def _messages(days: Days, kind: str, mean: float) -> list[pl.DataFrame]:
    out = _Drawn(days, kind, _habit(days, "calls", PHONES) * mean)
    at = out.at(CALL_HOURS, CALL_HOURS_WEEKEND)
    if kind == "sms":
        return _between(out, kind, at, units=1)
    return _between(out, kind, at, units=1, bytes=out.dice.upto("bytes", 280_000) + 20_000)


def _between(
    out: _Drawn, kind: str, at: pl.Series, *, short_numbers: bool = False, **columns: pl.Series | int
) -> list[pl.DataFrame]:
    """Return what went out to the callers' contacts, and what of it came in to subscribers of the block."""
    block = out.days.block
    # The first contacts hear from us most.
    slot = (out.dice.share("contact").pow(1.7) * CONTACTS).cast(pl.Int64)
    contact = out.line.cast(pl.Int64) * CONTACTS + slot
    peer, friend = block.peer.gather(contact), block.friend.gather(contact)
    if short_numbers:
        service = out.dice.share("service") < 0.015
        number = pl.Series(SHORT_NUMBERS).gather(out.dice.upto("number", len(SHORT_NUMBERS)))
        peer = pl.select(pl.when(service).then(number).otherwise(peer)).to_series()
        friend = pl.select(pl.when(service).then(pl.lit(-1, pl.Int32)).otherwise(friend)).to_series()
    went = out.table(kind, "out", at, peer=peer, zone=_places(out.zone), **columns)
    inside = friend >= 0
    opened = block.lines["opened"]
    # A number that is not served yet cannot be called.
    both = inside & (at >= opened.gather(friend.clip(0))) & (at >= opened.gather(out.line))
    caller, other = out.line.filter(both), friend.filter(both)
    there = out.days.frame["zone"].gather(out.days.of_line(other, (out.row % out.days.count).filter(both)))
    came = went.filter(both).with_columns(
        line=other,
        direction=pl.lit("in", DIRECTION),
        peer=block.lines["number"].gather(caller),
        zone=_places(there),
    )
    return [went.filter(both | ~inside), came]


def _named_messages(days: Days) -> pl.DataFrame:
    """Return messages from banks and shops, which sign with a name."""
    drawn = _Drawn(days, "sms-in", _habit(days, "calls", PHONES) * SMS_IN)
    # Each of us is a customer of a few of them.
    turn = (drawn.of_line("tag") + drawn.dice.upto("name", 3)) % len(SMS_NAMES)
    peer = pl.Series(SMS_NAMES).gather(turn)
    return drawn.table(
        "sms", "in", drawn.at(CALL_HOURS, CALL_HOURS_WEEKEND), peer=peer, units=1, zone=_places(drawn.zone)
    )


def _sessions(days: Days) -> pl.DataFrame:
    at_home = 1.0 - 0.6 * (days.frame["zone"] > 0).cast(pl.Float64)
    drawn = _Drawn(days, "sessions", _habit(days, "sessions", PHONES + "TMGI") * at_home)
    size = (drawn.dice.normal("bytes") * 0.9 - 0.405).exp() * drawn.of_line("session_bytes")
    abroad = (size / 40.0).clip(0, ROAMING_BYTES_MAX)
    fixed = drawn.of_line("role") == "I"
    used = pl.select(pl.when(drawn.zone > 0).then(abroad).otherwise(size)).to_series().cast(pl.Int64) + 2048
    # Minutes for a phone, hours for a home.
    base = pl.select(pl.when(fixed).then(8.6).otherwise(6.0)).to_series()
    duration = (drawn.dice.normal("duration") * 0.8 + base).exp().cast(pl.Int64).clip(5, DAY_S)
    zone = pl.select(pl.when(fixed).then(pl.lit("", ZONE)).otherwise(_places(drawn.zone))).to_series()
    at = drawn.at(DATA_HOURS, DATA_HOURS_WEEKEND)
    return drawn.table("data", "out", at, bytes=used, duration_s=duration, zone=zone)


def _subscriptions(days: Days) -> pl.DataFrame:
    """Return what content subscriptions send: each on its own days and at its own time of the morning."""
    kinds = [service for service in CONTENT if service.every]
    lines, line = days.block.lines, days.frame["line"]
    own = Dice(lines["tag"], days.world.seed, "subscription")
    kind, second = own.upto("kind", len(kinds)).gather(line), own.upto("second", 4 * 3600).gather(line)
    every = pl.Series([service.every for service in kinds], dtype=pl.Int64).gather(kind)
    due = (days.frame["midnight"] // DAY_S + lines["tag"].gather(line)) % every == 0
    rows = (due & lines["subscription"].gather(line)).arg_true()
    at = (days.frame["midnight"] + 6 * 3600 + second).gather(rows)
    peer = pl.Series([service.peer for service in kinds]).gather(kind.gather(rows))
    return _table("content", "in", line.gather(rows), at, peer=peer, units=1)


def _bought(days: Days, role: str, mean: float, codes: tuple[str, ...]) -> pl.DataFrame:
    """Return content bought now and then, in the evening, by lines of a role."""
    peers = {service.code: service.peer for service in CONTENT}
    drawn = _Drawn(days, f"bought-{role}", _habit(days, "calls", role) * mean)
    peer = pl.Series([peers[code] for code in codes]).gather(drawn.dice.upto("which", len(codes)))
    return drawn.table("content", "out", drawn.at(EVENING_HOURS, EVENING_HOURS), peer=peer, units=1)
