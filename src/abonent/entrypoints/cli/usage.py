"""`abonent usage`: files of usage records."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from abonent.entrypoints.cli import runtime

app = typer.Typer(name="usage", help="Usage records: files in, each record once.", no_args_is_help=True)

SUMMED = ("read", "stored", "already", "rejected", "parked")


class Format(StrEnum):
    """Formats by name; without one, the content tells."""

    CSV = "csv"
    PARQUET = "parquet"
    ASTERISK = "asterisk"
    FREERADIUS = "freeradius"


@dataclass(frozen=True)
class _Wish:
    """What was asked on the command line."""

    files: list[Path]
    file_format: Format | None
    source: str | None
    rejected: Path | None
    as_json: bool
    quiet: bool


@app.callback()
def usage() -> None:
    """Usage records: files in, each record once."""


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files, plain or packed with gzip or zstd.")],
    file_format: Annotated[Format | None, typer.Option("--format", help="Do not guess the format.")] = None,
    source: Annotated[str | None, typer.Option(help="Who wrote the records; ids are unique within a source.")] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Where the report of rejected rows goes; a folder for several files."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object for machines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
) -> None:
    """Import files of usage records and charge them; what is there already is passed over.

    Exit codes: 0 every file was read to its end (rejected rows are in the report), 1 a file could not be, 2 wrong use.
    The other files are imported even so, and any file may be imported again.
    """
    if source is not None and not (0 < len(source.strip()) <= 40 and source.isprintable()):
        raise typer.BadParameter("give a name of 1 to 40 characters", param_hint="--source")
    if rejected is not None and any(rejected.resolve() == file.resolve() for file in files):
        raise typer.BadParameter("the report would replace a file that is to be imported", param_hint="--rejected")
    wish = _Wish(files, file_format, source, rejected, as_json, quiet)
    with runtime.database() as settings:
        sums, whole = _import_all(wish, settings.var / "rejected")
    if as_json:
        typer.echo(json.dumps(sums))
    if not whole:
        raise typer.Exit(runtime.EXIT_FAILED)


def _import_all(wish: _Wish, reports: Path) -> tuple[dict[str, int], bool]:
    """Import file after file; return the summed parts and whether all could be read to their ends."""
    from abonent.domains.billing import actions as billing
    from abonent.domains.usage.reading import UnreadableFile
    from abonent.foundation import clock

    sums, whole = dict.fromkeys(SUMMED, 0), True
    for file in wish.files:
        report = _report_path(wish, file, reports, f"{clock.now():%Y%m%dT%H%M%S.%fZ}")
        try:
            with _bar(file, wish.quiet) as progress:
                result = billing.import_usage(
                    path=file,
                    source=wish.source,
                    file_format=wish.file_format and wish.file_format.value,
                    progress=progress,
                    rejected=report,
                )
        except (UnreadableFile, OSError) as error:
            # The rows before a disk that failed or a report that cannot be written are in; the file may come again.
            typer.echo(f"abonent: {file}: {error}", err=True)
            whole = False
            continue
        parts = {field.name: getattr(result, field.name) for field in fields(result) if field.name in SUMMED}
        sums = {name: sums[name] + parts[name] for name in SUMMED}
        _say(wish, file, parts, report)
        if result.damage:
            typer.echo(f"abonent: {file}: {result.damage}; the {result.read} rows before it were taken", err=True)
            whole = False
    return sums, whole


def _say(wish: _Wish, file: Path, parts: dict[str, int], report: Path) -> None:
    if wish.quiet:
        return
    said = ", ".join(f"{parts[name]} {name}" for name in SUMMED)
    typer.echo(f"{file}: {said}", err=wish.as_json)
    if parts["rejected"]:
        typer.echo(f"{file}: the rejected rows and why are in {report}", err=wish.as_json)


def _report_path(wish: _Wish, file: Path, reports: Path, time: str) -> Path:
    if wish.rejected is not None and len(wish.files) == 1 and not wish.rejected.is_dir():
        return wish.rejected
    return (wish.rejected or reports) / f"{file.name}.{time}.csv"


@contextmanager
def _bar(file: Path, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show how much of the file is read, on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(file.name, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
