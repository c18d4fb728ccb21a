"""`abonent providers`: content providers, their terms from a day on, their keys."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from abonent.entrypoints.cli import runtime, terms
from abonent.foundation.values.terms import Dated

app = typer.Typer(help="Content providers: whose subscriptions are paid from accounts.", no_args_is_help=True)


@app.command()
def publish(file: terms.File, valid_from: terms.From) -> None:
    """Put terms of a provider in force from a day on; what is in force is never changed. See content-providers.md."""

    def store(said: dict[str, Any], day: date) -> None:
        from abonent.domains.catalog.providers import actions as providers
        from abonent.domains.catalog.providers import rules as providers_rules

        providers.publish(providers_rules.from_json(said, day))

    terms.publish(file, valid_from, store, "a provider sells")


@app.command()
def show() -> None:
    """Print all terms by provider and the day they hold from, as JSON."""

    def every() -> list[Dated[Any]]:
        from abonent.domains.catalog.providers import queries as providers_queries

        return [Dated(one.valid_from, one, one.id or 0, one.code) for one in providers_queries.versions()]

    terms.show(every)


@app.command()
def key(code: Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's code.")]) -> None:
    """Print the key of requests from and to a provider; it is derived from the operator's own and stored nowhere."""
    with runtime.database():
        from abonent.domains.catalog.providers import queries as providers_queries
        from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway

        if all(one.code != code for one in providers_queries.versions()):
            runtime.fail(f"there is no provider {code}; publish its terms first")
        typer.echo(subscriptions_gateway.provider_key(code))
