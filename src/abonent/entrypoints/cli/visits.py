"""`abonent visits`: how technicians serve the districts, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import terms

app = typer.Typer(help="Technicians who come: days, windows, how many at once.", no_args_is_help=True)


@app.command()
def publish(
    district: Annotated[str, typer.Argument(help="The district, as it stands with the lines.")],
    file: terms.File,
    valid_from: terms.From,
) -> None:
    """Put terms in force from a day on; what is in force is never changed, and the same again does no harm."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.support.visits import calendar as visits_calendar
        from abonent.domains.support.visits.rules import Terms

        visits_calendar.publish(district=district, valid_from=day, terms=Terms.from_json(said))

    terms.publish(file, valid_from, store, f"visits in {district} go")


@app.command()
def show() -> None:
    """Print all terms by district and the day they hold from, as JSON."""

    def every() -> list[Any]:
        from abonent.domains.support.visits import calendar as visits_calendar

        return visits_calendar.every_terms()

    terms.show(every)
