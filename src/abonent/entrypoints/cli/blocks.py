"""`abonent blocks`: the terms on which owners have their numbers blocked for a while, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import terms

app = typer.Typer(help="Blocks by the owner's wish: how long, how often, for how much.", no_args_is_help=True)


@app.command()
def publish(
    file: terms.File,
    valid_from: terms.From,
    service: Annotated[
        str, typer.Option("--for", help="The kind of lines: mobile, internet, tv or satellite.")
    ] = "mobile",
) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.orders.blocks import actions as blocks
        from abonent.domains.orders.blocks.rules import Terms

        blocks.publish_rules(valid_from=day, terms=Terms.from_json(said), service=service)

    terms.publish(file, valid_from, store, f"blocks of {service} lines go")


@app.command()
def show() -> None:
    """Print all terms by the kind of lines and the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.orders.blocks import queries as blocks_queries

        return blocks_queries.every_rules()

    terms.show(every)
