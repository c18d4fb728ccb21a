"""`abonent bills`: monthly bills of contracts."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Monthly bills of contracts that pay afterwards.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@app.command()
def issue(
    month: Annotated[str, typer.Option(metavar="2026-11", help="This closed month alone; else all that are due.")] = "",
    as_json: Json = False,
) -> None:
    """Issue the bills that are not there yet and tell their owners.

    Exit codes: 0 all are there, 1 some contracts got none because ledger and charges disagree (they are named; the
    others have theirs), 2 wrong use.
    """
    if month and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise typer.BadParameter("give a month as 2026-11", param_hint="--month")
    with runtime.database():
        from abonent.domains.billing.bills import actions as bills
        from abonent.foundation import clock

        try:
            at = clock.now()
            issued = bills.issue(month=date.fromisoformat(f"{month}-01"), at=at) if month else bills.issue_due(at=at)
        except bills.Unexplained as unexplained:
            runtime.fail(f"{unexplained}; run it again, and look at them when that does not help")
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--month") from None
    typer.echo(json.dumps({"issued": issued}) if as_json else f"{issued} bills issued")


@app.command()
def correct(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The bill's number, as 100000001/2026-11.")],
    reason: Annotated[str, typer.Option(help="Why; it stands on the new document.")],
    as_json: Json = False,
) -> None:
    """Issue a contract's newest bill anew, by what is known now; the old document stays and is named by the new one."""
    with runtime.database():
        from abonent.domains.billing.bills import actions as bills
        from abonent.foundation import clock

        try:
            bill = bills.correct(number=number, reason=reason, at=clock.now())
        except bills.NotCorrected as refused:
            runtime.fail(_WHY[refused.reason])
        except bills.Unexplained as unexplained:
            runtime.fail(str(unexplained))
    typer.echo(json.dumps({"number": bill.number}) if as_json else f"issued {bill.number} in place of {bill.corrects}")


_WHY = {
    "not there": "there is no bill of that number",
    "no reason": "say why, by --reason: it stands on the new document",
    "not the newest": "only a contract's newest bill is issued anew; what changed before it stands in the next one",
    "nothing changed": "the new bill would say what the old one says",
}
