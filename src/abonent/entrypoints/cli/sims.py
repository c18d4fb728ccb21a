"""`abonent sims` and `abonent numbers`: terms of other SIMs and numbers, blank cards, numbers that can be had."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import runtime, terms

app = typer.Typer(help="Other SIMs: what they cost, and the blank cards there are.", no_args_is_help=True)
numbers_app = typer.Typer(help="Other numbers: what they cost, and those that can be had.", no_args_is_help=True)
List = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="One a line.")]
CARD_COLUMNS = (2, 3)


@app.command("publish")
def publish_sims(file: terms.File, valid_from: terms.From) -> None:
    """Put terms of SIMs in force from a day on; what is in force is never changed."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.orders.sims import actions as sims
        from abonent.domains.orders.sims.rules import Terms

        sims.publish_rules(valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, "SIMs go")


@app.command("show")
def show_sims() -> None:
    """Print all terms of SIMs by the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.orders.sims import queries as sims_queries

        return sims_queries.every_rules()

    terms.show(every)


@app.command()
def cards(file: List) -> None:
    """Take in blank cards: ICCID, IMSI and PUK, divided by commas; those known already are left as they are."""
    rows = [row for row in csv.reader(_lines(file)) if row]
    for row in rows:
        if len(row) not in CARD_COLUMNS:
            runtime.fail(f"{file}: “{','.join(row)}” is no ICCID, IMSI and PUK; nothing was taken in")
    with runtime.database():
        from abonent.domains.lines import sims

        try:
            new = sims.add_cards(cards=[(row[0], row[1], "".join(row[2:])) for row in rows])
        except ValueError as error:
            runtime.fail(f"{file}: {error}: this ICCID, or its IMSI, is none; nothing was taken in")
    typer.echo(f"{new} new cards")


@numbers_app.command("publish")
def publish_numbers(file: terms.File, valid_from: terms.From) -> None:
    """Put terms of numbers in force from a day on; what is in force is never changed."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.orders.numbers import actions as numbers
        from abonent.domains.orders.numbers.rules import Terms

        numbers.publish_rules(valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, "numbers go")


@numbers_app.command("show")
def show_numbers() -> None:
    """Print all terms of numbers by the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.orders.numbers import queries as numbers_queries

        return numbers_queries.every_rules()

    terms.show(every)


@numbers_app.command()
def add(file: List, region: Annotated[str, typer.Option(help="A region of the terms, by its code.")]) -> None:
    """Let numbers be had; those that are served or known already are left as they are."""
    with runtime.database():
        from django.conf import settings

        from abonent.domains.lines.numbers import actions as numbers
        from abonent.domains.orders.numbers import queries as numbers_queries
        from abonent.foundation.values import InvalidNumber, Msisdn

        regions = {code for one in numbers_queries.every_rules() for code in one.terms.regions}
        if region not in regions:
            runtime.fail(f"no terms have a region {region}, only: {', '.join(sorted(regions))}; nothing was taken in")
        wanted = []
        for number, line in enumerate(_lines(file), start=1):
            try:
                wanted += [Msisdn.parse(line, settings.NUMBER_REGION).e164] if line.strip() else []
            except InvalidNumber as error:
                runtime.fail(f"{file}: line {number}: {error.reason}; nothing was taken in")
        new = numbers.add(numbers=wanted, region=region)
    typer.echo(f"{new} new numbers")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except UnicodeDecodeError:
        runtime.fail(f"{file}: no text in UTF-8")
