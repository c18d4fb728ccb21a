"""`abonent network`: what the operator's network says about numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(name="network", help="Events of the network, each once by its key.", no_args_is_help=True)

REJECTED = "rejected"


@app.callback()
def network() -> None:
    """Events of the network, each once by its key."""


@app.command()
def event(
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A file of events; without one, standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object for machines.")] = False,
) -> None:
    """Take in events, one JSON object a line: SIM replaced, forwarding changed, number released, line terminated…

    Each counts once by its key, in whatever order they come; an older one never overrides a newer. Exit codes: 0 all
    were taken, 1 some could not be (they are named), 2 wrong use. What was taken may be sent again.
    """
    with runtime.database():
        try:
            if file is None:
                sums = _take(sys.stdin.buffer)
            else:
                with file.open("rb") as lines:
                    sums = _take(lines)
        except OSError as error:
            runtime.fail(f"{file or 'standard input'}: {error}")
    typer.echo(json.dumps(sums) if as_json else ", ".join(f"{count} {name}" for name, count in sums.items()))
    if sums[REJECTED]:
        raise typer.Exit(runtime.EXIT_FAILED)


def _take(lines: BinaryIO) -> dict[str, int]:
    """Take line after line; return how many became what."""
    from abonent.domains.lines import network
    from abonent.domains.lines.network_reading import LINE_LENGTH_MAX, BadEvent, read
    from abonent.domains.lines.network_rules import FromTheFuture, Noted, OtherEvent

    sums = dict.fromkeys([*(str(noted) for noted in Noted), REJECTED], 0)
    # A line without an end would fill the memory: what is too long comes in pieces that are no events.
    for number, line in enumerate(iter(lambda: lines.readline(LINE_LENGTH_MAX + 2), b""), 1):
        if not line.strip():
            continue
        try:
            sums[network.note(read(line))] += 1
        except BadEvent as error:
            _reject(number, str(error), sums)
        except FromTheFuture:
            _reject(number, "at lies in the future", sums)
        except OtherEvent:
            _reject(number, "key was used for another event before", sums)
    return sums


def _reject(number: int, why: str, sums: dict[str, int]) -> None:
    sums[REJECTED] += 1
    typer.echo(f"abonent: line {number}: {why}", err=True)
