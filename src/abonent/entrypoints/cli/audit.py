"""`abonent audit`: is the trail whole, and where does it end."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="The audit trail: who did what on whose behalf.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@app.command()
def verify(
    as_json: Json = False,
    begin: Annotated[
        str, typer.Option("--from", metavar="HEAD", help="Begin at a head kept elsewhere, as `audit head` printed it.")
    ] = "",
) -> None:
    """Look at every record; exit code 0 when the trail is whole, 1 with the first broken record when not."""
    with runtime.database():
        from abonent.foundation.audit import checkpoint
        from abonent.foundation.audit import verify as trail

        try:
            start = checkpoint.Head.parse(begin) if begin else None
        except checkpoint.BrokenHead as error:
            runtime.fail(str(error), runtime.EXIT_SETTINGS)
        verdict = trail.verify(start)
    if as_json:
        typer.echo(json.dumps(verdict.to_json()))
    elif verdict.broken is None:
        typer.echo(f"the audit trail is whole: {verdict.looked_at} records, head {verdict.head or 'none'}")
    else:
        typer.echo(f"the audit trail is broken at {verdict.broken}")
    if verdict.broken is not None:
        raise typer.Exit(runtime.EXIT_FAILED)


@app.command()
def head(as_json: Json = False) -> None:
    """Print where the trail ends, to be kept elsewhere: records cut off later are then told by `verify --from`."""
    with runtime.database():
        from abonent.foundation.audit import verify as trail

        found = trail.head()
    if as_json:
        typer.echo(json.dumps({"head": str(found) if found else None}))
    else:
        typer.echo(str(found) if found else "the audit trail is empty")
