"""`abonent porting`: terms of numbers that change their operator."""

from __future__ import annotations

import typer

from abonent.entrypoints.cli import runtime, terms

app = typer.Typer(help="Numbers that change their operator: what that costs, and when.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms in force from a day on; what is in force is never changed."""
    with runtime.database():
        from abonent.domains.porting import bringing
        from abonent.domains.porting.rules import Terms

        terms.publish(
            file, valid_from, "numbers change their operator",
            lambda day, said: bringing.publish_rules(valid_from=day, terms=Terms.from_json(said)),
        )  # fmt: skip


@app.command()
def show() -> None:
    """Print all terms by the day they hold from, as JSON."""
    with runtime.database():
        from abonent.domains.porting import queries

        terms.show((one.valid_from, one.terms.to_json()) for one in queries.every_rules())
