"""`abonent sims` and `abonent numbers`: terms of other SIMs and numbers, blank cards, numbers that can be had."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime, terms

app = typer.Typer(help="Other SIMs: what they cost, and the blank cards there are.", no_args_is_help=True)
numbers_app = typer.Typer(help="Other numbers: what they cost, and those that can be had.", no_args_is_help=True)
List = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="One a line.")]
CARD_COLUMNS = 3


@app.command("publish")
def publish_sims(file: terms.File, valid_from: terms.From) -> None:
    """Put terms of SIMs in force from a day on; what is in force is never changed."""
    with runtime.database():
        from abonent.domains.orders import sims
        from abonent.domains.orders.sims_rules import Terms as Said

        terms.publish(
            file, valid_from, "SIMs go",
            lambda day, said: sims.publish_rules(valid_from=day, terms=Said.from_json(said)),
        )  # fmt: skip


@app.command("show")
def show_sims() -> None:
    """Print all terms of SIMs by the day they hold from, as JSON."""
    with runtime.database():
        from abonent.domains.orders import sims_queries

        terms.show((one.valid_from, one.terms.to_json()) for one in sims_queries.every_rules())


@app.command()
def cards(file: List) -> None:
    """Take in blank cards: ICCID, IMSI and PUK, divided by commas; those known already are left as they are."""
    rows = [(*row, "")[:CARD_COLUMNS] for row in csv.reader(file.read_text().splitlines()) if len(row) > 1]
    with runtime.database():
        from abonent.domains.lines import sims

        try:
            new = sims.add_cards(cards=[(iccid, imsi, puk) for iccid, imsi, puk in rows])
        except ValueError as error:
            runtime.fail(f"{file}: {error} is no number of a card; nothing was taken in")
    typer.echo(f"{new} new cards")


@numbers_app.command("publish")
def publish_numbers(file: terms.File, valid_from: terms.From) -> None:
    """Put terms of numbers in force from a day on; what is in force is never changed."""
    with runtime.database():
        from abonent.domains.orders import numbers
        from abonent.domains.orders.numbers_rules import Terms as Said

        terms.publish(
            file, valid_from, "numbers go",
            lambda day, said: numbers.publish_rules(valid_from=day, terms=Said.from_json(said)),
        )  # fmt: skip


@numbers_app.command("show")
def show_numbers() -> None:
    """Print all terms of numbers by the day they hold from, as JSON."""
    with runtime.database():
        from abonent.domains.orders import numbers_queries

        terms.show((one.valid_from, one.terms.to_json()) for one in numbers_queries.every_rules())


@numbers_app.command()
def add(file: List, region: Annotated[str, typer.Option(help="A region of the terms, by its code.")]) -> None:
    """Let numbers be had; those that are served or known already are left as they are."""
    with runtime.database():
        from django.conf import settings

        from abonent.domains.lines import numbers
        from abonent.foundation.values import InvalidNumber, Msisdn

        try:
            wanted = [Msisdn.parse(line, settings.NUMBER_REGION).e164 for line in file.read_text().split()]
        except InvalidNumber as error:
            runtime.fail(f"{file}: a number is {error.reason}; nothing was taken in")
        new = numbers.add(numbers=wanted, region=region)
    typer.echo(f"{new} new numbers")
