"""Which destination of the geography each of many records goes to, on Polars frames. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from abonent.domains.catalog.rules import Geography
from abonent.domains.usage.rules import Direction, Kind


def index(
    records: pl.DataFrame, destinations: list[str], asked: Collection[tuple[Kind, Direction]], geography: Geography
) -> pl.Series:
    """Return the index of each record's destination, or 0 where no price asks for it.

    Found once for each peer there is: of a service by its name, of a number by its longest known prefix.
    """
    way = pl.col("kind").cast(pl.Int16) * 4 + pl.col("direction").cast(pl.Int16)
    peer = pl.when(way.is_in([kind * 4 + direction for kind, direction in asked])).then(pl.col("peer"))
    asked_for = records.select(peer.alias("peer"), (pl.col("kind") == Kind.CONTENT).alias("content"))
    peers = asked_for.unique().with_columns(_found_destination(destinations, geography).alias("destination"))
    found = asked_for.join(peers, on=["peer", "content"], how="left", maintain_order="left")
    return found["destination"].fill_null(0)


def _found_destination(destinations: list[str], geography: Geography) -> pl.Expr:
    number = {code: index for index, code in enumerate(destinations)}
    names: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for destination in geography.destinations:
        table = names if destination.content else numbers
        table.update(dict.fromkeys(destination.prefixes, number[destination.code]))
    peer = pl.col("peer")
    lengths = sorted({len(prefix) for prefix in numbers if prefix.startswith("+") and len(prefix) > 1}, reverse=True)
    by_prefix = pl.coalesce(*(_found(peer.str.slice(0, n), _of_length(numbers, n)) for n in lengths), 0)
    return (
        pl.when(pl.col("content"))
        .then(_found(peer, names))
        .when(peer.str.starts_with("+"))
        .then(by_prefix)
        .otherwise(_found(peer, numbers))
        .fill_null(0)
        .cast(pl.Int64)
    )


def _of_length(numbers: Mapping[str, int], length: int) -> dict[str, int]:
    return {prefix: index for prefix, index in numbers.items() if len(prefix) == length}


def _found(text: pl.Expr, table: Mapping[str, int]) -> pl.Expr:
    if not table:
        return pl.lit(None, pl.Int64)
    return text.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.Int64)
