"""`abonent staff`: who works here and what they may do."""

from __future__ import annotations

import getpass
import json
from typing import Annotated

import typer

from abonent.entrypoints.cli import runtime

app = typer.Typer(help="Members of staff and their roles.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="The login.")]


@app.command()
def add(
    login: Annotated[str, typer.Option(help="What the person signs in with.")],
    name: Annotated[str, typer.Option(help="The name colleagues and the trail know.")],
    role: Annotated[list[str], typer.Option(help="contact-centre, shop, supervisor or engineer; may be repeated.")],
    position: Annotated[str, typer.Option(help="What the person is here.")] = "",
) -> None:
    """Add somebody; print the first password once: it is changed at the first entry, within 72 hours."""
    with runtime.database():
        from abonent.domains.support import staff
        from abonent.foundation import clock
        from abonent.foundation.audit import Actor

        new = staff.NewAgent(login, name, role, position)
        try:
            password = staff.add(new, actor=Actor("command", getpass.getuser()), at=clock.now())
        except staff.BadAgent as error:
            runtime.fail(str(error))
    typer.echo(f"{login} can sign in at /staff/login/ with the first password {password}")


@app.command(name="list")
def list_staff(as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False) -> None:
    """List everybody with the roles."""
    with runtime.database():
        from abonent.domains.support import queries

        staff = queries.staff()
    if as_json:
        rows = [{"login": a.login, "name": a.name, "roles": list(a.roles), "active": a.active} for a in staff]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for agent in staff:
        state = "" if agent.active else "  blocked"
        typer.echo(f"{agent.login:<20} {', '.join(agent.roles):<30} {agent.name}{state}")


@app.command()
def block(login: Login) -> None:
    """Let somebody in no more, and end what is open."""
    with runtime.database():
        from abonent.domains.support import staff
        from abonent.foundation import clock
        from abonent.foundation.audit import Actor

        try:
            staff.block(login=login, actor=Actor("command", getpass.getuser()), at=clock.now())
        except staff.BadAgent as error:
            runtime.fail(str(error))
    typer.echo(f"{login} is blocked")


@app.command()
def reset(login: Login) -> None:
    """Let somebody begin anew: print a first password once; the second factor is set up anew, too."""
    with runtime.database():
        from abonent.domains.support import staff
        from abonent.foundation import clock
        from abonent.foundation.audit import Actor

        try:
            password = staff.reset(login=login, actor=Actor("command", getpass.getuser()), at=clock.now())
        except staff.BadAgent as error:
            runtime.fail(str(error))
    typer.echo(f"{login} can sign in at /staff/login/ with the first password {password}")
