"""Who knows whom: the lines of a block of subscribers as columns, with the numbers each of them calls.

A block is the unit of work: people call the same few numbers again and again, and those of «Орбита» among them are
of the same block. Acquaintance is mutual, so both sides call. Numbers outside lie in ranges given to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from abonent.demo.dice import Dice
from abonent.demo.people import PlannedLine, World, groups

BLOCK = 10_000
CONTACTS = 12
# The first contacts are the places that differ from one's own in these bits: the relation goes both ways.
FRIEND_BITS = (1, 2, 3, 5, 24, 70)
PHONES = "AEC"

GIGABYTE = 1024**3
# A month's data of somebody who uses up what the tariff gives, in gigabytes.
DATA_OF_TARIFF = {
    "svobodny": 30.0, "legky": 8.0, "prostor": 60.0, "bez-kraya": 70.0, "poputny": 0.4, "parus": 40.0, "mayak": 110.0,
    "zabota": 3.0, "svetlyachok": 12.0, "iskorka": 1.0, "dom-100": 150.0, "dom-500": 350.0,
}  # fmt: skip
SESSIONS_A_DAY = {"A": 5.0, "C": 5.0, "E": 2.4, "T": 5.0, "M": 6.0, "G": 3.0, "I": 1.8}
SESSIONS_A_DAY_AS_YOU_GO = 1.2

MOBILE_CODES = ("945", "946", "947", "974", "975", "976")
CITY_CODES = ("495", "812", "343", "831")
# Nobody's numbers: foreign codes with a subscriber part that begins with zeros, or kept free for films.
ABROAD = ("+375000", "+7700000", "+99800000", "+49000", "+44770090", "+90000", "+1202555")


@dataclass(frozen=True)
class Block:
    """Lines `first` up to `first + BLOCK` and their households' fixed lines.

    `lines` has a row for each: `tag` (a number that is the line's own in every demo), `number`, `role`, `opened`
    (seconds since 1970), `calls`, `sessions` (a day), `session_bytes`, `traveller`, `subscription`.
    Row `n`'s contact `k` is element `n * CONTACTS + k` of `peer` (text) and `friend` (row of the block, -1 outside).
    """

    index: int
    lines: pl.DataFrame
    peer: pl.Series
    friend: pl.Series


def block_count(world: World) -> int:
    return -(-world.subscribers // BLOCK)


@lru_cache(maxsize=8)
def block(world: World, index: int) -> Block:
    """Return block `index` of the world."""
    lines = _lines(world, index)
    peer, friend = _contacts(world, lines)
    return Block(index, lines, peer, friend)


def _lines(world: World, index: int) -> pl.DataFrame:
    first = index * BLOCK
    mobile: list[PlannedLine] = []
    fixed: list[PlannedLine] = []
    for group in groups(world, first, first + BLOCK):
        # A dish only listens.
        for line in (line for line in group.lines if line.service != "satellite"):
            (mobile if line.service == "mobile" else fixed).append(line)
    every = mobile + fixed
    place = [int(line.number.rpartition("-")[2].removeprefix("+7900")) for line in every]
    kinds = {"I": 1, "V": 2}
    return pl.DataFrame(
        {
            "tag": pl.Series(
                [3 * at + kinds.get(line.role, 0) for at, line in zip(place, every, strict=True)], dtype=pl.Int64
            ),
            "number": [line.number for line in every],
            "role": [line.role for line in every],
            "opened": pl.Series([int(line.opened_at.timestamp()) for line in every], dtype=pl.Int64),
            "calls": [line.habits.calls for line in every],
            "sessions": [_sessions(line) for line in every],
            "session_bytes": [_session_bytes(line) for line in every],
            "traveller": [line.habits.traveller for line in every],
            "subscription": [line.habits.subscription for line in every],
        }
    )


def _sessions(line: PlannedLine) -> float:
    return SESSIONS_A_DAY_AS_YOU_GO if line.tariff == "poputny" else SESSIONS_A_DAY.get(line.role, 0.0)


def _session_bytes(line: PlannedLine) -> float:
    sessions = _sessions(line)
    return DATA_OF_TARIFF[line.tariff] * GIGABYTE * line.habits.data / (30 * sessions) if sessions else 0.0


def _contacts(world: World, lines: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the flat contact lists: friends of the block where there is one, numbers outside elsewhere."""
    rows = lines.height
    row = pl.int_range(0, rows * CONTACTS, dtype=pl.Int64, eager=True)
    line, slot = row // CONTACTS, row % CONTACTS
    dice = Dice(lines["tag"].gather(line) * CONTACTS + slot, world.seed, "contacts")
    bits = pl.Series([*FRIEND_BITS, *[0] * (CONTACTS - len(FRIEND_BITS))], dtype=pl.Int64).gather(slot)
    phone = lines["role"].is_in(list(PHONES))
    other = line ^ bits
    known = (bits > 0) & (other < rows)
    known = known & phone.gather(line) & phone.gather(other.clip(0, rows - 1))
    friend = pl.select(pl.when(known).then(other).otherwise(-1)).to_series().cast(pl.Int32)
    inside = lines["number"].gather(other.clip(0, rows - 1))
    return pl.select(pl.when(known).then(inside).otherwise(_outside(dice, slot))).to_series(), friend


def _outside(dice: Dice, slot: pl.Series) -> pl.Series:
    """Return a number of somebody elsewhere for each row; the last two contacts may be a landline and one abroad."""
    tail = dice.upto("tail", 10_000).cast(pl.String).str.zfill(4)
    mobile = "+7" + _picked(MOBILE_CODES, dice.share("mobile")) + "000" + tail
    city = "+7" + _picked(CITY_CODES, dice.share("city")) + "000" + tail
    abroad = _picked(ABROAD, dice.share("abroad")) + tail
    last, foreign = CONTACTS - 1, dice.share("foreign") < 0.3
    return pl.select(
        pl.when((slot == last) & foreign).then(abroad).when(slot == last - 1).then(city).otherwise(mobile)
    ).to_series()


def _picked(choices: tuple[str, ...], share: pl.Series) -> pl.Series:
    return pl.Series(choices).gather((share * len(choices)).cast(pl.UInt32))
