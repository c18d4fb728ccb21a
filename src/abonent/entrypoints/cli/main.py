"""The tree of commands."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from abonent.entrypoints.cli import (
    audit,
    bills,
    blocks,
    cashback,
    catalog,
    equipment,
    helping,
    idle,
    ledger,
    network,
    payments,
    porting,
    promised,
    providers,
    runtime,
    sims,
    staff,
    tariffs,
    tones,
    usage,
    visits,
)

app = typer.Typer(
    name="abonent",
    help="The self-care platform of a telecom group.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(usage.app, name="usage")
app.add_typer(network.app, name="network")
app.add_typer(staff.app, name="staff")
app.add_typer(audit.app, name="audit")
app.add_typer(ledger.app, name="ledger")
app.add_typer(blocks.app, name="blocks")
app.add_typer(sims.app, name="sims")
app.add_typer(sims.numbers_app, name="numbers")
app.add_typer(porting.app, name="porting")
app.add_typer(idle.app, name="idle")
app.add_typer(promised.app, name="promised")
app.add_typer(tariffs.app, name="tariffs")
app.add_typer(payments.app, name="payments")
app.add_typer(bills.app, name="bills")
app.add_typer(cashback.app, name="cashback")
app.add_typer(providers.app, name="providers")
app.add_typer(helping.app, name="help")
app.add_typer(catalog.app, name="catalog")
app.add_typer(tones.app, name="tones")
app.add_typer(visits.app, name="visits")
app.add_typer(equipment.app, name="equipment")

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]


@app.command()
def demo(
    port: Port = 8000,
    subscribers: Annotated[
        int, typer.Option(min=10, max=1_000_000, help="How many subscribers the operator has.")
    ] = 500,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days of usage.")] = 90,
    seed: Annotated[int, typer.Option(help="The same seed makes the same operator.")] = 1,
) -> None:
    """Run the fictional operator «Орбита» on the embedded database: web, worker and a phone on screen."""
    from abonent.entrypoints.cli import demo as supervisor

    os.environ["ABONENT_DEMO"] = "1"
    os.environ.setdefault("ABONENT_ADDRESS", f"http://localhost:{port}")
    supervisor.run(port=port, subscribers=subscribers, days=days, seed=seed)


@app.command()
def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Server processes; one per core is a good start.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads per process, each with its own connection.")] = 5,
) -> None:
    """Serve the site."""
    from abonent.entrypoints.cli import processes

    # The processes share the machine: each must know how many they are. Who serves with several commands says so.
    os.environ.setdefault("ABONENT_SERVER_PROCESSES", str(workers))
    os.environ.setdefault("ABONENT_SERVER_THREADS", str(threads))
    with runtime.database():
        processes.refuse_taken_port(host, port)
        processes.serve(host=host, port=port, workers=workers, threads=threads)


@app.command()
def recognise(
    port: Port = 8001,
    host: Host = "127.0.0.1",
    certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its certificate, PEM.")] = None,
    key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The certificate's key, PEM.")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Authority of the gateway's certificate, PEM.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
) -> None:
    """Listen behind the operator's gateway: who comes from the own network gets a ticket to the cabinet."""
    from abonent.entrypoints.cli import processes, recogniser

    settings = runtime.environment()
    processes.refuse_taken_port(host, port)
    recogniser.serve(
        settings, host=host, port=port, certificate=certificate, key=key, client_ca=client_ca, workers=workers
    )


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(min=1, help="Jobs done at the same time.")] = 4,
) -> None:
    """Do the queued work: messages, fees, late records."""
    from abonent.entrypoints.cli import processes

    with runtime.database():
        processes.work(concurrency=concurrency)


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version."""
    with runtime.database(prepare=False):
        pending = runtime.pending_migrations()
        runtime.migrate()
        typer.echo(f"{len(pending)} migrations applied" if pending else "the database is up to date")


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False) -> None:
    """Check settings, database and plug-ins; exit code 0 when everything is ready, 1 when not, 2 for wrong settings."""
    with runtime.database(prepare=False) as settings:
        from abonent.entrypoints.cli import readiness

        findings = readiness.findings(settings)
    if as_json:
        typer.echo(
            json.dumps({"ready": not any(f.problem for f in findings), "findings": [f.to_json() for f in findings]})
        )
    else:
        for finding in findings:
            typer.echo(f"{'✗' if finding.problem else '✓'} {finding.subject}: {finding.problem or finding.fact}")
    if any(finding.problem for finding in findings):
        raise typer.Exit(runtime.EXIT_FAILED)


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the embedded database and everything else under `var`."""
    from abonent.entrypoints.cli import processes

    processes.reset(runtime.environment(), ask=not yes)


def main() -> None:
    """Run the command; the way in for the installed script."""
    app()


if __name__ == "__main__":
    main()
