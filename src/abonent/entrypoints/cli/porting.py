"""`abonent porting`: terms of numbers that change their operator."""

from __future__ import annotations

from datetime import date
from typing import Any

import typer

from abonent.entrypoints.cli import terms

app = typer.Typer(help="Numbers that change their operator: what that costs, and when.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms in force from a day on; what is in force is never changed."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.porting.bringing import actions as bringing
        from abonent.domains.porting.rules import Terms

        bringing.publish_rules(valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, "numbers change their operator")


@app.command()
def show() -> None:
    """Print all terms by the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.porting import queries

        return queries.every_rules()

    terms.show(every)
