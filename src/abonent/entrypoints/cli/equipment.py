"""`abonent equipment`: what is handed out to customers by wire and dish, on what terms, from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import typer

from abonent.entrypoints.cli import terms
from abonent.foundation.values.terms import Dated, InvalidTerms

app = typer.Typer(help="Routers, boxes and cards: what is handed out, and what is paid for it.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms by code in force from a day on, all or none; what is in force is never changed."""
    terms.publish(file, valid_from, _store, "equipment is handed out")


@app.command()
def show() -> None:
    """Print all terms by code and the day they hold from, as JSON."""
    terms.show(_every)


def _store(document: dict[str, Any], valid_from: date) -> None:
    from django.db import transaction

    from abonent.domains.lines.equipment import actions as equipment
    from abonent.domains.lines.equipment.rules import Offer

    with transaction.atomic():
        for code, said in document.items():
            try:
                if not isinstance(said, dict):
                    raise InvalidTerms("an object is asked for")
                equipment.publish(code=code, valid_from=valid_from, offer=Offer.from_json(said))
            except InvalidTerms as error:
                raise InvalidTerms(f"{code}: {error}") from None
            except ValueError as error:
                raise ValueError(f"{code}: {error}") from None


def _every() -> Iterable[Dated[Any]]:
    from abonent.domains.lines.equipment import queries as equipment_queries

    return equipment_queries.OFFERS.every()
