"""`publish` and `show` of terms that hold from a day on, the same for whatever they are of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import runtime

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The terms, JSON.")]
From = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")]
Terms = dict[str, Any]


def publish(file: Path, valid_from: datetime, what: str, store: Callable[[date, Terms], object]) -> None:
    """Store the terms in the file from a day on, or end with one line that says what is wrong with them."""
    try:
        store(valid_from.date(), _read(file))
    except ValueError as error:
        runtime.fail(f"{file}: {error}; see docs/operations.md")
    typer.echo(f"{what} by {file} from {valid_from:%Y-%m-%d} on")


def show(every: Iterable[tuple[date, Mapping[str, Any]]]) -> None:
    """Print all terms by the day they hold from, as JSON."""
    typer.echo(json.dumps({f"{day}": terms for day, terms in every}, indent=2, ensure_ascii=False))


def _read(file: Path) -> Terms:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise ValueError("an object with the terms is asked for; `show` prints such")
    return read
