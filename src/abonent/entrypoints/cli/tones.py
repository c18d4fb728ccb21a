"""`abonent tones`: what callers may hear before an answer, as YAML with WAV files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Ring-back tones: the catalogue, loaded whole or refused whole.", no_args_is_help=True)


@app.callback()
def tones() -> None:
    """Ring-back tones."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The catalogue, YAML.")],
) -> None:
    """Make the file the catalogue, sounds from its folder. What it does not name is sold no more, and plays on.

    Exit codes: 0 it is loaded, 1 it is refused, with a line for everything that is wrong.
    """
    with runtime.database():
        from abonent.domains.voice.tones import actions as voice
        from abonent.domains.voice.tones import yaml as tones_yaml

        folder = file.resolve().parent

        def sound(name: str) -> bytes | None:
            path = (folder / name).resolve()
            return path.read_bytes() if path.is_relative_to(folder) and path.is_file() else None

        try:
            entries = tones_yaml.read(file.read_text(), sound)
        except UnicodeDecodeError:
            runtime.fail(f"{file}: no text in UTF-8")
        except tones_yaml.BadTones as error:
            runtime.fail("\n".join(f"{file}: {problem}" for problem in error.problems))
        count = voice.load(
            voice.NewTone(
                one.code, one.category, one.categories, one.names, one.artist, one.sound, one.language, one.is_hit
            )
            for one in entries
        )
    typer.echo(f"{count} tones are sold")
