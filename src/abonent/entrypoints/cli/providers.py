"""`abonent providers`: content providers, their terms from a day on, their keys."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Content providers: whose subscriptions are paid from accounts.", no_args_is_help=True)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="The terms of one provider, JSON: see content-providers.md.")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
) -> None:
    """Put terms of a provider in force from a day on; what is in force is never changed."""
    with runtime.database():
        from abonent.domains.catalog import providers, providers_rules

        try:
            provider = providers_rules.from_json(json.loads(file.read_text("utf-8")), valid_from.date())
            providers.publish(provider)
        except (OSError, ValueError) as error:
            runtime.fail(f"{file}: {error}")
    typer.echo(f"{provider.code} sells on these terms from {valid_from:%Y-%m-%d} on")


@app.command()
def key(code: Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's code.")]) -> None:
    """Print the key of requests from and to a provider; it is derived from the operator's own and stored nowhere."""
    with runtime.database():
        from abonent.domains.catalog import providers_queries
        from abonent.domains.orders import subscriptions_gateway

        if all(one.code != code for one in providers_queries.versions()):
            runtime.fail(f"there is no provider {code}; publish its terms first")
        typer.echo(subscriptions_gateway.provider_key(code))
