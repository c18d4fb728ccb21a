"""`abonent help`: questions, contacts and shops, as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(
    help="What the help says: loaded whole or refused whole, exported, and which answers helped.", no_args_is_help=True
)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The texts, YAML.")],
    check: Annotated[bool, typer.Option("--check", help="Say what is wrong, and publish nothing.")] = False,
) -> None:
    """Publish a file; a part that is there (questions, contacts, shops) is the whole of its kind.

    Exit codes: 0 it is published, 1 it is refused, with everything that is wrong.
    """
    with runtime.database():
        from django.conf import settings

        from abonent.domains.help import actions, rules_yaml
        from abonent.domains.help.rules import BadHelp
        from abonent.foundation.clock import now

        try:
            found = rules_yaml.read(file.read_text(), [code for code, _ in settings.LANGUAGES])
        except UnicodeDecodeError:
            runtime.fail(f"{file}: no text in UTF-8")
        except BadHelp as error:
            runtime.fail("\n".join(f"{file}: {problem}" for problem in error.problems))
        if check:
            typer.echo(f"{file} can be published")
            return
        done = actions.load(found, at=now())
    typer.echo(f"{done.new} texts are new, {done.retired} are there no more, {done.known} stay as they were")


@app.command()
def export() -> None:
    """Print everything that is published, as a file that `load` takes."""
    with runtime.database():
        from abonent.domains.help import queries, rules_yaml

        typer.echo(rules_yaml.write(queries.published()), nl=False)


@app.command()
def helped() -> None:
    """Print how many said that an answer helped or did not, those with the most complaints first."""
    with runtime.database():
        from abonent.domains.help import queries

        for code, yes, no in queries.judged():
            typer.echo(f"{code}: {yes} helped, {no} not")
