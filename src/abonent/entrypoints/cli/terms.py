"""Terms that hold from a day on, as commands put them in force and print them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import runtime
from abonent.foundation.values.terms import Dated, InvalidTerms

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The terms, JSON.")]
From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")]


def publish(file: Path, valid_from: datetime, store: Callable[[dict[str, Any], date], object], what: str) -> None:
    """Have `store` put the terms of the file in force, and say `what` goes by them; or fail, with nothing changed.

    `store` is called with the database at hand.
    """
    with runtime.database():
        try:
            store(_read(file), valid_from.date())
        except InvalidTerms as error:
            runtime.fail(f"{file}: {error}; see docs/operations.md")
        except ValueError as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"{what} by {file} from {valid_from:%Y-%m-%d} on")


def show(every: Callable[[], Iterable[Dated[Any]]]) -> None:
    """Print terms by what they are for, if they are for parts, and the day they hold from, as JSON.

    Those of no day hold when none were published.
    """
    found: dict[str, Any] = {}
    with runtime.database():
        for one in every():
            days = found.setdefault(one.of, {}) if one.of else found
            days[f"{one.valid_from}" if one.id else ""] = one.terms.to_json()
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _read(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise ValueError("an object with the terms is asked for; `show` prints such")
    return read
