"""`abonent cashback`: partners, their terms from a day on, their purchases."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Cashback: purchases at partners that bring money to accounts.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's code: small letters, digits, hyphens.")]


@app.command()
def publish(
    code: Code,
    name: Annotated[str, typer.Option(help="What customers know the partner by.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day the terms hold.")],
    rate_bp: Annotated[int, typer.Option("--rate", min=1, max=10_000, help="Basis points of the price: 500 is 5 %.")],
    purchase_cap: Annotated[int, typer.Option(min=1, help="At most so many roubles of one purchase.")],
    month_cap: Annotated[int, typer.Option(min=1, help="At most so many roubles of a contract's calendar month.")],
    hold_days: Annotated[int, typer.Option(min=0, max=180, help="How many days a return is waited for.")],
    excluded: Annotated[list[str] | None, typer.Option(help="A category of goods that brings nothing.")] = None,
) -> None:
    """Put terms of a partner in force from a day on; what is in force is never changed."""
    with runtime.database():
        from abonent.domains.billing.cashback import actions as cashback
        from abonent.domains.billing.cashback.rules import Terms

        terms = Terms(rate_bp, purchase_cap * 100, month_cap * 100, hold_days, tuple(excluded or ()))
        try:
            cashback.publish(code=code, name=name, valid_from=valid_from.date(), terms=terms)
        except ValueError as error:
            runtime.fail(str(error))
    typer.echo(f"cashback of {code} goes by these terms from {valid_from:%Y-%m-%d} on")


@app.command()
def key(code: Code) -> None:
    """Print the key that a partner signs callbacks with; it is derived from the operator's own and stored nowhere."""
    with runtime.database():
        from abonent.domains.billing.cashback import actions as cashback

        if not cashback.is_partner(code):
            runtime.fail(f"there is no partner {code}; publish its terms first")
        typer.echo(cashback.partner_key(code))


@app.command("import")
def import_(
    code: Code,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Purchases: see cashback-files.md.")],
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON array for machines.")] = False,
) -> None:
    """Take in files of a partner; what is there already is passed over, bad rows are named and change nothing.

    Exit codes: 0 every file was read to its end, 1 one could not be and nothing of it was taken, 2 wrong use.
    """
    done: list[dict[str, object]] = []
    whole = True
    with runtime.database():
        for file in files:
            whole = _import(code, file, done) and whole
    if as_json:
        typer.echo(json.dumps(done))
    if not whole:
        raise typer.Exit(runtime.EXIT_FAILED)


def _import(code: str, file: Path, done: list[dict[str, object]]) -> bool:
    from abonent.domains.billing.cashback import actions as cashback
    from abonent.foundation import clock

    try:
        taken = cashback.import_file(path=file, code=code, at=clock.now())
    except cashback.NoSuchPartner:
        runtime.fail(f"there is no partner {code}; publish its terms first")
    except (cashback.BadFile, OSError) as error:
        typer.echo(f"abonent: {file}: {error}; nothing of it was taken", err=True)
        return False
    for line, reason in taken.refused:
        typer.echo(f"{file}: line {line}: {reason.value}", err=True)
    refused = [{"line": line, "reason": reason.value} for line, reason in taken.refused]
    done.append({"file": str(file), "read": taken.read, "new": taken.new, "known": taken.known, "refused": refused})
    typer.echo(f"{file}: {taken.read} rows, {taken.new} new, {taken.known} known, {len(refused)} refused", err=True)
    return True
