"""`abonent payments`: what the gateway says it settled, compared with our payments."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Payments: registries of the gateway are compared line by line.", no_args_is_help=True)


@app.callback()
def payments() -> None:
    """Payments: registries of the gateway are compared line by line."""


@app.command()
def reconcile(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Registries: see payment-registries.md.")],
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON array for machines.")] = False,
) -> None:
    """Compare registries with our payments; where they disagree stands in /staff/registries/.

    A file is taken in once; the same one again changes nothing. Exit codes: 0 all were taken in (or had been before),
    with differences or without, 1 a file cannot be believed and nothing of it was taken, 2 wrong use.
    """
    done: list[dict[str, object]] = []
    whole = True
    with runtime.database():
        for file in files:
            whole = _reconcile(file, done) and whole
    if as_json:
        typer.echo(json.dumps(done))
    else:
        for one in done:
            typer.echo(
                f"{one['file']}: taken in before, as registry {one['registry_id']}"
                if one["before"]
                else f"{one['file']}: {one['line_count']} lines, {one['matched_count']} agree, "
                f"{one['difference_count']} differences, registry {one['registry_id']}"
            )
    if not whole:
        raise typer.Exit(runtime.EXIT_FAILED)


def _reconcile(file: Path, done: list[dict[str, object]]) -> bool:
    """Take one file in and note what came of it; return whether it could be believed."""
    from abonent.domains.billing.registries import actions as registries
    from abonent.domains.billing.registries.rules import BadRegistry
    from abonent.foundation import clock

    try:
        taken = registries.take_in(path=file, at=clock.now())
    except registries.TakenBefore as known:
        done.append({"file": str(file), "before": True, "registry_id": known.registry_id})
    except (BadRegistry, OSError) as error:
        typer.echo(f"abonent: {file}: {error}; nothing of it was taken", err=True)
        return False
    else:
        done.append({"file": str(file), "before": False, **asdict(taken)})
    return True
