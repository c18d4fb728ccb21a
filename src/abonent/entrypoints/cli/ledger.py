"""`abonent ledger`: does all money agree?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="The ledger: accounts, transfers, balances.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False) -> None:
    """Add up every transfer: exit code 0 when all agrees, 1 with a line for each thing that does not."""
    with runtime.database():
        from abonent.domains.ledger import verifying
        from abonent.foundation import clock

        verdict = verifying.verify(now=clock.now())
    if as_json:
        typer.echo(json.dumps(verdict.to_json()))
    else:
        for finding in verdict.findings:
            typer.echo(f"{finding.rule}: {finding.told}")
        for rule, more in verdict.unshown.items():
            typer.echo(f"{rule}: {more} more")
        looked_at = f"{verdict.transfers} transfers, {verdict.accounts} accounts, {verdict.pending} pending"
        typer.echo(f"the ledger {'does not agree' if verdict.findings else 'agrees'}: {looked_at}")
    if verdict.findings:
        raise typer.Exit(runtime.EXIT_FAILED)
