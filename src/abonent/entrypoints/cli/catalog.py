"""`abonent catalog`: the services that are sold, as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(
    help="What is sold beside tariffs: loaded whole or refused whole, and exported.", no_args_is_help=True
)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The catalogue, YAML.")],
    check: Annotated[bool, typer.Option("--check", help="Say what would happen, and store nothing.")] = False,
) -> None:
    """Load a catalogue; what is in force is never edited, what the file does not name stays.

    Exit codes: 0 it is loaded, 1 it is refused, with a line for everything that is wrong.
    """
    with runtime.database():
        from django.utils import timezone

        from abonent.domains.catalog.offers import actions as offers
        from abonent.domains.catalog.offers import yaml as offers_yaml
        from abonent.domains.catalog.offers.rules import BadCatalogue
        from abonent.foundation import clock

        try:
            catalogue = offers_yaml.read(file.read_text())
            done = offers.load(catalogue, today=timezone.localdate(clock.now()), only_check=check)
        except UnicodeDecodeError:
            runtime.fail(f"{file}: no text in UTF-8")
        except BadCatalogue as error:
            runtime.fail("\n".join(f"{file}: {problem}" for problem in error.problems))
    did = "would be" if check else "are"
    typer.echo(f"{done.new} versions {did} new, {done.changed} changed, {done.known} were there already")


@app.command()
def export() -> None:
    """Print everything that was ever sold, and what will be, as a file that `load` takes."""
    with runtime.database():
        from abonent.domains.catalog.offers import queries as offers_queries
        from abonent.domains.catalog.offers import yaml as offers_yaml

        typer.echo(offers_yaml.write(offers_queries.catalogue()), nl=False)


@app.command()
def words(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The words, YAML.")],
) -> None:
    """Let people ask from their phones for what is sold by these words and digits, instead of those before.

    Exit codes: 0 they hold, 1 they are refused, with a line for everything that is wrong.
    """
    with runtime.database():
        from abonent.domains.catalog.words import actions as handles
        from abonent.domains.catalog.words.rules import BadWords, read

        try:
            count = handles.load(read(file.read_text()))
        except UnicodeDecodeError:
            runtime.fail(f"{file}: no text in UTF-8")
        except BadWords as error:
            runtime.fail("\n".join(f"{file}: {line}" for line in str(error).splitlines()))
    typer.echo(f"{count} services and tariffs can be asked for by a word")
