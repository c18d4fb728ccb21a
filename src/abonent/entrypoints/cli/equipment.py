"""`abonent equipment`: what is handed out to customers by wire and dish, on what terms, from a day on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Routers, boxes and cards: what is handed out, and what is paid for it.", no_args_is_help=True)
ASKED = {"kind", "model", "warranty_months", "ways"}


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Things by code, JSON.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
) -> None:
    """Put terms in force from a day on, all or none; what is in force is never changed, the same again does no harm."""
    with runtime.database():
        from django.db import transaction

        try:
            with transaction.atomic():
                count = _publish(_read(file), valid_from)
        except ValueError as error:
            runtime.fail(f"{file}: {error}; see docs/operations.md")
    typer.echo(f"{count} things are handed out by {file} from {valid_from:%Y-%m-%d} on")


@app.command()
def show() -> None:
    """Print what is handed out today, as JSON."""
    with runtime.database():
        from django.utils import timezone

        from abonent.domains.lines import equipment_queries

        found = {
            one.code: {
                "kind": one.kind, "model": one.model, "warranty_months": one.warranty_months,
                "ways": {way: terms.to_json() for way, terms in one.ways.items()},
            }
            for one in equipment_queries.models_on(timezone.localdate())
        }  # fmt: skip
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _publish(read: dict[str, object], valid_from: datetime) -> int:
    from abonent.domains.lines import equipment
    from abonent.domains.lines.equipment_rules import Kind, ways

    for code, said in read.items():
        if not isinstance(said, dict) or set(said) != ASKED:
            raise ValueError(f"{code}: these are asked for, and no others: {', '.join(sorted(ASKED))}")
        months, model = said["warranty_months"], said["model"]
        if type(months) is not int or not 0 <= months <= 120 or not isinstance(model, str) or not 0 < len(model) <= 60:
            raise ValueError(f"{code}: model is a name of 60 letters at most, warranty_months 0 to 120")
        if said["kind"] not in set(Kind):
            raise ValueError(f"{code}: kind is one of {', '.join(Kind)}")
        try:
            equipment.publish(
                code=code, valid_from=valid_from.date(), kind=Kind(said["kind"]), model=model,
                ways=ways(said["ways"]), warranty_months=months,
            )  # fmt: skip
        except ValueError as error:
            raise ValueError(f"{code}: {error}") from None
    return len(read)


def _read(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict) or not all(0 < len(code) <= 40 for code in read):
        raise ValueError("an object with things by code is asked for")
    return read
