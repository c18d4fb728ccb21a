"""`abonent idle`: what becomes of numbers that nobody uses, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

import typer

from abonent.entrypoints.cli import runtime, terms

app = typer.Typer(help="Numbers that nobody uses: warned, blocked, given away.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.billing.idle import actions as idle
        from abonent.domains.billing.idle.rules import Terms

        idle.publish_rules(valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, "idle numbers go")


@app.command()
def show() -> None:
    """Print all terms by the day they hold from, as JSON; those of no day hold when none were published."""

    def every() -> list[Any]:
        from abonent.domains.billing.idle import queries as idle_queries

        return idle_queries.every_rules() or [idle_queries.UNPUBLISHED]

    terms.show(every)


@app.command()
def run() -> None:
    """Do now what the worker does each morning; again on the same day it does nothing."""
    with runtime.database():
        from abonent.domains.billing.idle import actions as idle
        from abonent.foundation import clock

        done = idle.run(at=clock.now())
    typer.echo(f"{done.warned} warned, {done.blocked} blocked, {done.released} given away")
