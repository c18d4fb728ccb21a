"""`abonent idle`: what becomes of numbers that nobody uses, from a day on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Numbers that nobody uses: warned, blocked, given away.", no_args_is_help=True)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The terms, JSON.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""
    with runtime.database():
        from abonent.domains.billing import idle
        from abonent.domains.billing.idle_rules import InvalidTerms, Terms

        try:
            idle.publish_rules(valid_from=valid_from.date(), terms=Terms.from_json(_read(file)))
        except InvalidTerms as error:
            runtime.fail(f"{file}: {error}; see docs/operations.md")
        except ValueError as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"idle numbers go by {file} from {valid_from:%Y-%m-%d} on")


@app.command()
def show() -> None:
    """Print all terms by the day they hold from, as JSON; those of no day hold when none were published."""
    with runtime.database():
        from abonent.domains.billing import idle_queries
        from abonent.domains.billing.idle_rules import DEFAULT

        every = {f"{rules.valid_from}": rules.terms.to_json() for rules in idle_queries.every_rules()}
        every = every or {"": DEFAULT.to_json()}
    typer.echo(json.dumps(every, indent=2))


@app.command()
def run() -> None:
    """Do now what the worker does each morning; again on the same day it does nothing."""
    with runtime.database():
        from abonent.domains.billing import idle
        from abonent.foundation import clock

        done = idle.run(at=clock.now())
    typer.echo(f"{done.warned} warned, {done.blocked} blocked, {done.released} given away")


def _read(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise ValueError("an object with the terms is asked for; `abonent idle show` prints such")
    return read
