"""`abonent network`: what the operator's network says about numbers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from abonent.entrypoints.cli import runtime

if TYPE_CHECKING:
    from abonent.domains.lines.provisioning.rules import Difference

app = typer.Typer(name="network", help="What the network says, and what it has.", no_args_is_help=True)

REJECTED = "rejected"


@app.callback()
def network() -> None:
    """What the network says, and what it has."""


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


@app.command()
def reconcile(
    mend: Annotated[bool, typer.Option("--mend", help="Have the network put each difference right.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object for each difference, for machines.")] = False,
) -> None:
    """Compare what the network has for services of lines with what it should have, as the worker does every night.

    Exit codes: 0 nothing differs, or all of it is being mended; 1 something differs, or the network does not answer.
    """
    with runtime.database():
        from abonent.domains.lines.ports import NoAnswer
        from abonent.domains.lines.provisioning import network as provisioning_network
        from abonent.domains.lines.provisioning import reconciling as provisioning_reconciling
        from abonent.foundation.clock import now

        if not provisioning_network.is_there():
            runtime.fail("no network is named; set ABONENT_NETWORK, see docs/gateways.md")
        count = 0
        try:
            for found in provisioning_reconciling.reconcile(mend=mend, at=now()):
                count += 1
                typer.echo(json.dumps(asdict(found)) if as_json else _difference(found))
        except NoAnswer as error:
            runtime.fail(f"the network does not answer: {error}")
    if not as_json:
        typer.echo(f"{count} lines differ" + (", all are being mended" if mend and count else ""))
    if count and not mend:
        raise typer.Exit(runtime.EXIT_FAILED)


def _difference(found: Difference) -> str:
    """Return a difference in words; the number itself stays out of terminals and logs."""
    parts = [f"lacks {', '.join(found.missing)}"] if found.missing else []
    parts += [f"has {', '.join(found.extra)} too much"] if found.extra else []
    return f"line {found.line_id}: {'; '.join(parts)}"


def _take(lines: BinaryIO) -> dict[str, int]:
    """Take line after line; return how many became what."""
    from abonent.domains.lines.network import actions as network
    from abonent.domains.lines.network.reading import LINE_LENGTH_MAX, BadEvent, read
    from abonent.domains.lines.network.rules import FromTheFuture, Noted, OtherEvent

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
