"""`abonent visits`: how technicians serve the districts, from a day on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Technicians who come: days, windows, how many at once.", no_args_is_help=True)


@app.command()
def publish(
    district: Annotated[str, typer.Argument(help="The district, as it stands with the lines.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The terms, JSON.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""
    with runtime.database():
        from abonent.domains.support import visits_calendar
        from abonent.domains.support.visits_rules import InvalidTerms, Terms

        try:
            terms = Terms.from_json(_read(file))
            visits_calendar.publish(district=district, valid_from=valid_from.date(), terms=terms)
        except InvalidTerms as error:
            runtime.fail(f"{file}: {error}; see docs/operations.md")
        except ValueError as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"visits in {district} go by {file} from {valid_from:%Y-%m-%d} on")


@app.command()
def show() -> None:
    """Print all terms by district and the day they hold from, as JSON."""
    with runtime.database():
        from abonent.domains.support import visits_calendar

        every = visits_calendar.every_terms()
    typer.echo(json.dumps(every, indent=2, ensure_ascii=False))


def _read(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise ValueError("an object with the terms is asked for; `abonent visits show` prints such")
    return read
