"""When people use their phones, and where they are: hours of the day, weekends, journeys abroad."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl

from abonent.demo.catalogue import ZONES
from abonent.demo.circles import Block
from abonent.demo.dice import Dice
from abonent.demo.people import MOSCOW, World

DAY_S = 24 * 3600
STEPS = 4096
# How busy each hour is; weekends begin later.
CALL_HOURS = (1, 1, 1, 0, 0, 1, 3, 8, 12, 14, 14, 14, 13, 13, 13, 13, 14, 15, 17, 17, 15, 11, 6, 3)
CALL_HOURS_WEEKEND = (3, 2, 1, 1, 0, 0, 1, 3, 6, 10, 14, 16, 17, 16, 15, 15, 15, 16, 16, 16, 15, 12, 8, 5)
DATA_HOURS = (5, 3, 2, 1, 1, 2, 6, 11, 11, 8, 8, 8, 11, 11, 8, 8, 9, 12, 15, 17, 18, 18, 15, 9)
DATA_HOURS_WEEKEND = (9, 6, 4, 2, 1, 1, 2, 5, 8, 11, 12, 13, 14, 14, 14, 13, 13, 14, 15, 17, 18, 18, 16, 12)
EVENING_HOURS = (2, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 6, 10, 15, 18, 17, 12, 6)

HOME = "home"
ZONE_NAMES = (HOME, *(zone.code for zone in ZONES))
# Journeys are drawn for each line and stretch of thirty days: most stay at home, some leave for up to eleven days.
STRETCH_DAYS = 30
JOURNEY_PERCENT = 11
JOURNEY_DAYS = (3, 11)
TAGS_A_DAY = 1 << 40


class Days:
    """Days `first` up to `first + count` of a block: one row for each line and day, the days of a line together.

    `frame` has `line` (row of the block), `midnight` (seconds since 1970), `weekend`, `zone` (index of `ZONE_NAMES`).
    """

    def __init__(self, world: World, block: Block, first: date, count: int) -> None:
        self.world, self.block, self.first, self.count = world, block, first, count
        rows = block.lines.height * count
        row = pl.int_range(0, rows, dtype=pl.Int64, eager=True)
        line, day = row // count, row % count + first.toordinal()
        tag = block.lines["tag"].gather(line)
        self.counters = day * TAGS_A_DAY + tag
        midnight = int(datetime.combine(first, time.min, MOSCOW).timestamp())
        self.frame = pl.DataFrame(
            {
                "line": line.cast(pl.Int32),
                "midnight": (row % count) * DAY_S + midnight,
                # Day 1 of the calendar was a Monday.
                "weekend": (day - 1) % 7 >= 5,
                "zone": _zones(world, tag, day, block.lines["traveller"].gather(line)),
            }
        )

    def of_line(self, line: pl.Series, day: pl.Series) -> pl.Series:
        """Return the row of each `line` on each `day` (0: the first)."""
        return line.cast(pl.Int64) * self.count + day


def _zones(world: World, tag: pl.Series, day: pl.Series, traveller: pl.Series) -> pl.Series:
    stretch, place = day // STRETCH_DAYS, day % STRETCH_DAYS
    dice = Dice(stretch * TAGS_A_DAY + tag, world.seed, "journeys")
    shortest, longest = JOURNEY_DAYS
    length = dice.upto("length", longest - shortest) + shortest
    start = dice.upto("start", STRETCH_DAYS - longest)
    away = traveller & (dice.share("goes") < JOURNEY_PERCENT / 100) & (place >= start) & (place < start + length)
    zone = dice.upto("where", len(ZONE_NAMES) - 1) + 1
    # The first subscriber has been to Turkey in the demo's second half, whatever its length.
    left = world.today - timedelta(days=max(world.days // 3, 2))
    holiday = (tag == 3) & (day >= left.toordinal()) & (day < left.toordinal() + max(min(5, world.days // 6), 1))
    return pl.select(
        pl.when(holiday).then(ZONE_NAMES.index("tr")).when(away).then(zone).otherwise(0).cast(pl.UInt8)
    ).to_series()


def seconds(share: pl.Series, weekend: pl.Series, workdays: Sequence[int], weekends: Sequence[int]) -> pl.Series:
    """Return the second of the day below which `share` of the day's use has happened."""
    table = pl.Series([*_steps(workdays), *_steps(weekends)], dtype=pl.Float64)
    position = share * STEPS
    step = position.cast(pl.Int64)
    place = step + weekend.cast(pl.Int64) * (STEPS + 1)
    low, high = table.gather(place), table.gather(place + 1)
    return (low + (high - low) * (position - step)).cast(pl.Int64).clip(0, DAY_S - 1)


def _steps(hours: Sequence[int]) -> list[float]:
    """Return `STEPS + 1` seconds that cut the day into equally busy steps."""
    total, passed, hour = sum(hours), 0.0, 0
    steps = []
    for step in range(STEPS + 1):
        wanted = total * step / STEPS
        while hour < 23 and passed + hours[hour] < wanted:
            passed += hours[hour]
            hour += 1
        inside = (wanted - passed) / hours[hour] if hours[hour] else 0.0
        steps.append((hour + inside) * 3600.0)
    return steps
