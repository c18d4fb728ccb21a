"""`abonent blocks`: the terms on which owners have their numbers blocked for a while, from a day on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Blocks by the owner's wish: how long, how often, for how much.", no_args_is_help=True)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The terms, JSON.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
    service: Annotated[
        str, typer.Option("--for", help="The kind of lines: mobile, internet, tv or satellite.")
    ] = "mobile",
) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""
    with runtime.database():
        from abonent.domains.orders import blocks
        from abonent.domains.orders.blocks_rules import InvalidTerms, Terms

        try:
            terms = Terms.from_json(_read(file))
            blocks.publish_rules(valid_from=valid_from.date(), terms=terms, service=service)
        except InvalidTerms as error:
            runtime.fail(f"{file}: {error}; see docs/operations.md")
        except ValueError as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"blocks of {service} lines go by {file} from {valid_from:%Y-%m-%d} on")


@app.command()
def show() -> None:
    """Print all terms by the kind of lines and the day they hold from, as JSON."""
    with runtime.database():
        from abonent.domains.orders import blocks_queries

        every: dict[str, dict[str, object]] = {}
        for rules in blocks_queries.every_rules():
            every.setdefault(rules.service, {})[f"{rules.valid_from}"] = rules.terms.to_json()
    typer.echo(json.dumps(every, indent=2))


def _read(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise ValueError("an object with the terms is asked for; `abonent blocks show` prints such")
    return read
