"""Rating of what was just stored, and of periods into which a record came late.

Whatever the order in which records arrive, how they are split into batches and where a process dies: charges, buckets
and balances end as they would if all records had come at once in time order. A batch goes on from the buckets as long
as its records come after those already rated, or fit into the allowance anyway; a period for which this is not so is
marked, and rated from its beginning by `rerate_late`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import posting, rules
from abonent.domains.billing.families import store as families_store
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.packages import store as packages_store
from abonent.domains.billing.packages.rules import Held
from abonent.domains.billing.rating import frames as rating
from abonent.domains.billing.rating.frames import BUCKETS, MOMENT, USED, WAITING, Settled, Tariffs
from abonent.domains.billing.rating.packages import Plans
from abonent.domains.billing.rating.pools import Families, Place, Stood
from abonent.domains.catalog import queries as catalog
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.usage import queries_bulk as usage
from abonent.foundation import frames

# Batches of new records and periods rated anew take turns: each reads what the other has written.
_TURN = 0x62696C6C
# How much is rated anew in one transaction, and so in memory: so many periods, fewer where they hold many records.
PERIODS_AT_ONCE = 200
RECORDS_AT_ONCE = 50_000
_WHY = (
    "line_id", "tariff_version_id", "rule", "category", "price_minor", "unit_size", "quantity", "included",
    "billed_units", "amount_minor",
)  # fmt: skip
_CHARGED = pl.Schema(
    {
        "id": pl.String(),
        "ledger_account_id": pl.Int64(),
        "account_id": pl.Int64(),
        "line_id": pl.Int64(),
        "source_id": pl.Int16(),
        "record_id": pl.String(),
        "revision": pl.Int16(),
        "booked_at": MOMENT,
        "tariff_version_id": pl.Int64(),
        "rule": pl.String(),
        "category": pl.String(),
        "peer": pl.String(),
        "price_minor": pl.Int64(),
        "unit_size": pl.Int64(),
        "quantity": pl.Int64(),
        "included": pl.Int64(),
        "billed_units": pl.Int64(),
        "amount_minor": pl.Int64(),
    }
)


class Rater:
    """Rates batch after batch; versions of tariffs never change, so what was read of them is kept."""

    def __init__(self) -> None:
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self._tariffs: Tariffs | None = None

    def rate(self, records: pl.DataFrame) -> None:
        """Charge newly stored records (`usage.rules.STORED`) inside the transaction that stores them."""
        if records.is_empty():
            return
        take_turn()
        priced, plans = self.price(records)
        periods = priced.groups.select("line_id", "period_start").unique()
        used, waiting = _state(periods)
        behind, touched = periods.clear(), periods
        if plans.families is not None:
            behind = _go_on(plans.families, priced.groups)
            touched = pl.concat([periods, families_store.places(plans.families.whole)]).unique()
        later = packages_store.later_periods(plans, touched)
        _mark(later)
        settled = rating.settle(priced, used, pl.concat([waiting, later, behind]).unique(), plans)
        _charge(settled.charges)
        limits.note_charges(settled.charges["line_id"].unique())
        _store_used(settled.used)
        packages_store.store(settled.taken)
        families_store.write(settled.shared)
        _mark(settled.late)

    def price(self, records: pl.DataFrame, families: Families | None = None) -> tuple[rating.Priced, Plans]:
        """Return the records that had a tariff, with their prices, and what their lines have beside its allowances.

        `families` are those of the lines, if that is known already.
        """
        line_ids = records["line_id"].unique()
        if families is None:
            families = families_store.families(line_ids.to_list(), self.zone)
        more = families.lines if families else set()
        assignments = lines.assignments({*line_ids.to_list(), *more})
        tariffs = self._known(set(assignments["tariff_version_id"]))
        if records.is_empty():
            plans = Plans(self.zone)
        else:
            first, last = records.select(first=pl.col("started_at").min(), last=pl.col("started_at").max()).row(0)
            plans = packages_store.plans(assignments, tariffs.versions, first, last, self.zone, families)
        if families is not None:
            families.assigned = families_store.assigned(families, assignments, tariffs.versions)
        return rating.price(records, assignments, tariffs, self.zone, plans), plans

    def _known(self, version_ids: set[int]) -> Tariffs:
        if self._tariffs is None:
            self._tariffs = Tariffs({}, catalog.geography())
        if missing := version_ids - self._tariffs.versions.keys():
            self._tariffs.versions.update(catalog.tariff_versions(missing))
        return self._tariffs


def rerate_late() -> int:
    """Rate every marked period from its beginning and correct what was charged; return how many there were.

    A few periods are one transaction, so a process that dies loses nothing but its last few.
    """
    rater = Rater()
    done = 0
    while count := _rerate_some(rater):
        done += count
    return done


@transaction.atomic
def _rerate_some(rater: Rater, line_id: int | None = None) -> int:
    take_turn()
    marked = frames.load(
        """select line_id, period_start from billing_rerating
            where {line}::bigint is null or line_id = {line} order by 1, 2 limit {limit}""",
        WAITING,
        line=line_id,
        limit=PERIODS_AT_ONCE,
    )
    if marked.is_empty():
        return 0
    families = families_store.families(marked["line_id"].unique().to_list(), rater.zone)
    if families is not None:
        marked = _together(marked, families)
    periods = _few_enough(_with_ends(marked, rater.zone)) if families is None else _with_ends(marked, rater.zone)
    marked = marked.join(periods, left_on=["line_id", "period_start"], right_on=["line_id", "start"], how="semi")
    read = periods
    if families is not None:
        read = _with_ends(families_store.places(families.reach(marked.iter_rows())[2]), rater.zone)
    priced, plans = rater.price(usage.of_periods(read), families)
    plans.forget(marked.iter_rows() if families is None else families.anew(read.select("line_id", "start").iter_rows()))
    settled = _only(rating.settle(priced, plans=plans), periods)
    _correct(_charged(periods), settled)
    limits.note_charges(periods["line_id"].unique())
    later = packages_store.later_periods(plans, marked)
    if families is not None:
        families_store.forget(families)
    _store_used(settled.used)
    packages_store.forget(marked)
    packages_store.store(settled.taken)
    if families is not None:
        families_store.store(settled.shared, families)
    with connection.cursor() as cursor:
        cursor.execute(
            """delete from billing_rerating waiting
                using unnest(%s::bigint[], %s::timestamptz[]) as done (line_id, period_start)
                where waiting.line_id = done.line_id and waiting.period_start = done.period_start""",
            frames.arrays(marked),
        )
    _mark(later.join(marked, on=["line_id", "period_start"], how="anti"))
    return len(marked)


def _go_on(families: Families, groups: pl.DataFrame) -> pl.DataFrame:
    """Let the families know which periods go on from how they stood; return those in which somebody is behind.

    What families share is taken in one order of time over all of them, so all that hangs together goes on or none of
    it: when every new record began after all that was rated of them, and none of them is to be rated anew.
    """
    rows = groups.group_by("line_id", "period_start").agg(pl.col("first").min()).iter_rows()
    firsts = {(line_id, start): first for line_id, start, first in rows if line_id in families.lines}
    shared = [place for place in firsts if families.touches(place)]
    sets = families.together(shared)
    known = {*firsts, *(place for _, whole, pools in sets for place in whole | pools)}
    used, waiting = _state(families_store.places(known))
    waits = set(waiting.iter_rows())
    until: dict[Place, datetime] = {}
    for line_id, start, bucket, amount, least, last in used.iter_rows():
        families.stood[line_id, start, BUCKETS[bucket]] = Stood(amount, least, last)
        until[line_id, start] = max(last, until.get((line_id, start), last))
    behind: set[Place] = set()
    families.whole = set(firsts).difference(shared)
    for here, whole, pools in sets:
        first = min(firsts[place] for place in here)
        if waits.isdisjoint(whole) and all(first > until[place] for place in whole if place in until):
            families.whole, families.pools = families.whole | whole, {*families.pools, *pools}
        else:
            behind |= here
    families.taken = families_store.taken(families, families.pools)
    return families_store.places(behind)


def _together(marked: pl.DataFrame, families: Families) -> pl.DataFrame:
    """Return the first of the marked periods with all that change with them, and let the families know them.

    As many as may be held at once: the lines that are in no family wait, when there are others before them.
    """
    whole: set[Place] = set()
    pools: set[Place] = set()
    read: set[Place] = set()
    for place in marked.iter_rows():
        more_whole, more_pools, more_read = families.reach([place])
        if read and len(read | more_read) > PERIODS_AT_ONCE:
            break
        whole, pools, read = whole | more_whole, pools | more_pools, read | more_read
    families.whole, families.pools = whole, pools
    return families_store.places(families.whole)


def _only(settled: Settled, periods: pl.DataFrame) -> Settled:
    """Return what became of the periods (line_id, start, end): others were read beside them."""
    here = periods.select("line_id", "start", "end")
    moment = pl.col("started_at")
    inside = settled.charges.join(here, on="line_id").filter((moment >= pl.col("start")) & (moment < pl.col("end")))
    places = here.rename({"start": "period_start"}).drop("end")
    place = ["line_id", "period_start"]
    return replace(
        settled,
        charges=inside.drop("start", "end"),
        used=settled.used.join(places, on=place, how="semi"),
        taken=settled.taken.join(places, on=place, how="semi"),
    )


def rate_anew(*, line_id: int, period_day: int, at: datetime) -> None:
    """Have the period around `at` of a line rated from its beginning, since the line has another tariff in it."""
    start = rules.period_of(period_day, at, ZoneInfo(settings.TIME_ZONE)).start
    _mark(pl.DataFrame([(line_id, start)], WAITING, orient="row"))


def rate_line_anew(*, line_id: int, period_day: int, at: datetime) -> None:
    """Rate the period around `at` of a line from its beginning, now: it has more to use in it, or less."""
    rate_anew(line_id=line_id, period_day=period_day, at=at)
    rater = Rater()
    while _rerate_some(rater, line_id):
        pass


def covering(*, line_id: int, at: datetime, source_id: int, record_id: str) -> list[tuple[Held, int]]:
    """Return which buckets a record of a line took from, and how much; nothing when the line has but its tariff's own.

    What is rated is what an import rates, so this is how it was.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    day = lines.assignments([line_id])["period_day"][0]
    place = (line_id, rules.period_of(day, at, zone).start)
    families = families_store.families([line_id], zone)
    read = {place}
    if families is not None:
        families.whole, families.pools, read = families.reach([place])
    priced, plans = Rater().price(usage.of_periods(_with_ends(families_store.places(read), zone)), families)
    if line_id not in plans.lines:
        return []
    plans.forget(families.anew(read) if families else read)
    return rating.covering(priced, plans, source_id, record_id)


def is_settled(line_id: int) -> bool:
    """Return whether all that the line used is rated as it stays, and all that others used of what it has."""
    return not families_store.waits(line_id)


def _few_enough(periods: pl.DataFrame) -> pl.DataFrame:
    """Return the first of the periods, whose records can be held at once, and one in any case."""
    counted = periods.join(usage.counts_of_periods(periods), on=["line_id", "start"], how="left", maintain_order="left")
    before = counted["records"].fill_null(0).cum_sum().shift(1, fill_value=0)
    return periods.filter(before < RECORDS_AT_ONCE)


def _charge(charges: pl.DataFrame) -> None:
    if charges.is_empty():
        return
    owned = charges.join(posting.accounts(charges["contract_id"].unique()), on="contract_id")
    new = _first_revision(owned)
    posting.store_charges(new)
    ledger.post_frame(posting.postings(new, kind="charge"))


def _first_revision(charges: pl.DataFrame) -> pl.DataFrame:
    return _with_ids(charges.rename({"started_at": "booked_at"}).with_columns(pl.lit(0, pl.Int16).alias("revision")))


def _with_ids(charges: pl.DataFrame) -> pl.DataFrame:
    ids = posting.record_charge_ids(charges["source_id"], charges["record_id"], charges["revision"])
    return charges.with_columns(pl.Series("id", ids, dtype=pl.String))


def _correct(charged: pl.DataFrame, settled: Settled) -> None:
    """Take back what is charged otherwise than it should be, and charge it as it should."""
    wanted = settled.charges.join(posting.accounts(settled.charges["contract_id"].unique()), on="contract_id")
    record = ["source_id", "record_id"]
    both = wanted.join(charged.select(*record, *(pl.col(name).alias(f"{name}_was") for name in _WHY)), on=record)
    same = both.filter(pl.all_horizontal(pl.col(name) == pl.col(f"{name}_was") for name in _WHY)).select(record)
    wrong = charged.join(same, on=record, how="anti")
    missing = wanted.join(same, on=record, how="anti").rename({"started_at": "booked_at"})
    # What costs nothing any more keeps a row: the next revision must not get an id that was used before.
    freed = wrong.join(missing, on=record, how="anti").filter(pl.col("amount_minor") > 0).with_columns(
        pl.lit(0, pl.Int64).alias(name) for name in ("amount_minor", "billed_units")
    )  # fmt: skip
    wrong = wrong.join(freed, on=record, how="semi").vstack(wrong.join(missing, on=record, how="semi"))
    missing = missing.join(wrong.select(*record, "revision"), on=record, how="left")
    new = pl.concat([missing.select(sorted(_CHARGED.keys() - {"id"})), freed.select(sorted(_CHARGED.keys() - {"id"}))])
    new = _with_ids(new.with_columns((pl.col("revision").cast(pl.Int16) + 1).fill_null(0).cast(pl.Int16)))
    with connection.cursor() as cursor:
        cursor.execute("delete from billing_charge where id = any (%s::uuid[])", [frames.array(wrong["id"])])
    posting.store_charges(new)
    taken_back = posting.reversed_postings(posting.postings(wrong, kind="charge"))
    ledger.post_frame(pl.concat([taken_back, posting.postings(new, kind="charge")]))


def _charged(periods: pl.DataFrame) -> pl.DataFrame:
    return frames.load(
        """select charge.id, account.ledger_account_id, charge.account_id, charge.line_id, source_id, record_id,
                  revision, booked_at, tariff_version_id, rule, category, peer, price_minor, unit_size, quantity,
                  included, billed_units, amount_minor
             from unnest({lines}::bigint[], {starts}::timestamptz[], {ends}::timestamptz[])
                  as asked (line_id, since, until)
             join billing_charge charge on charge.line_id = asked.line_id and record_id is not null
              and booked_at >= since and booked_at < until
             join billing_account account on account.id = charge.account_id""",
        _CHARGED,
        lines=frames.array(periods["line_id"]),
        starts=frames.array(periods["start"]),
        ends=frames.array(periods["end"]),
    )


def _with_ends(marked: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    days = lines.assignments(marked["line_id"].unique()).select("line_id", "period_day").unique()
    periods = marked.join(days, on="line_id").rename({"period_start": "start"})
    ends = [rules.period_of(day, start, zone).end for day, start in periods.select("period_day", "start").iter_rows()]
    return periods.with_columns(pl.Series("end", ends, dtype=MOMENT))


def take_turn() -> None:
    """Let nobody else rate before this transaction ends: what tariff a line has when is not changed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])


def _state(periods: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the buckets used (`USED`) and the marks (`WAITING`) of periods (line_id, period_start)."""
    asked = {"lines": frames.array(periods["line_id"]), "starts": frames.array(periods["period_start"])}
    used = frames.load(
        """select known.line_id, known.period_start,
                  array_position(array['voice', 'data', 'sms'], known.bucket::text) - 1, used, least_amount, used_until
             from unnest({lines}::bigint[], {starts}::timestamptz[]) as asked (line_id, period_start)
             join billing_bucket known on known.line_id = asked.line_id and known.period_start = asked.period_start""",
        USED,
        **asked,
    )
    waiting = frames.load(
        """select line_id, period_start from billing_rerating
            where (line_id, period_start) in (select * from unnest({lines}::bigint[], {starts}::timestamptz[]))""",
        WAITING,
        **asked,
    )
    return used, waiting


def _store_used(used: pl.DataFrame) -> None:
    if used.is_empty():
        return
    named = used.with_columns(pl.col("bucket").replace_strict(range(len(BUCKETS)), BUCKETS, return_dtype=pl.String))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_bucket (line_id, period_start, bucket, used, least_amount, used_until)
               select * from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[],
                                    %s::timestamptz[])
               on conflict (line_id, period_start, bucket) do update
                  set used = excluded.used, least_amount = excluded.least_amount, used_until = excluded.used_until""",
            frames.arrays(named, list(USED)),
        )


def _mark(late: pl.DataFrame) -> None:
    if late.is_empty():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_rerating (line_id, period_start)
               select * from unnest(%s::bigint[], %s::timestamptz[]) on conflict do nothing""",
            frames.arrays(late, list(WAITING)),
        )
