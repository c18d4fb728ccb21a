"""`abonent tariffs`: other terms for those who have a tariff already, from a day on, with the reason they are told."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Tariffs: the terms in force, and other ones from a day on.", no_args_is_help=True)


@app.command()
def change(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The tariff.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Its new terms, JSON.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
    why: Annotated[list[str], typer.Option("--why", help="The reason, `ru=…` and `en=…`: one for each language.")],
) -> None:
    """Publish other terms: every line with the tariff gets them on that day, and its owner is told at once.

    Who pays more is told ten days before at least. What is published is never changed, the same again does no harm.
    """
    with runtime.database():
        from dataclasses import replace

        from abonent.domains.billing.changes import actions as changes
        from abonent.domains.catalog import queries as catalog
        from abonent.domains.catalog.rules import InvalidTerms, Terms
        from abonent.foundation.clock import now

        known = [one for one in catalog.tariff_versions().values() if one.tariff_code == code]
        if not known:
            runtime.fail(f"there is no tariff {code}; `abonent tariffs show` names all of them")
        try:
            written = _read(file)
            version = replace(
                known[0],
                id=None,
                valid_from=valid_from.date(),
                fee_minor=written["fee_minor"],
                terms=Terms.from_json(written["terms"]),
            )
            changes.publish(version=version, why=dict(one.split("=", 1) for one in why), at=now())
        except InvalidTerms as error:
            runtime.fail(f"{file}: {error}")
        except (KeyError, TypeError) as error:
            runtime.fail(f"{file}: not the terms of a tariff: {error}; `abonent tariffs show {code}` prints such")
        except ValueError as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"{code} has the terms of {file} from {valid_from:%Y-%m-%d} on; its owners are told")


@app.command()
def show(
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="The tariff; without, the codes of all.")] = "",
) -> None:
    """Print the newest terms of a tariff as JSON, to be changed and published anew."""
    with runtime.database():
        from abonent.domains.catalog import queries as catalog

        every = catalog.tariff_versions().values()
    if not code:
        for known in sorted({one.tariff_code for one in every}):
            typer.echo(known)
        return
    of_code = [one for one in every if one.tariff_code == code]
    if not of_code:
        runtime.fail(f"there is no tariff {code}")
    newest = max(of_code, key=lambda one: one.valid_from)
    document = {"fee_minor": newest.fee_minor, "terms": newest.terms.to_json()}
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _read(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise TypeError("an object is asked for")
    if type(read["fee_minor"]) is not int or read["fee_minor"] < 0:
        raise TypeError("fee_minor is a whole number")
    return read
