"""`abonent promised`: the terms of promised payments, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

import typer

from abonent.entrypoints.cli import terms

app = typer.Typer(help="Promised payments: who may have one, and on what terms.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.billing.promised import actions as promised
        from abonent.domains.billing.promised.rules import Terms

        promised.publish_rules(valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, "promised payments go")


@app.command()
def show() -> None:
    """Print all terms by the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.billing.promised import queries as promised_queries

        return promised_queries.every_rules()

    terms.show(every)
