"""`abonent usage`: files of usage records."""

from __future__ import annotations

import typer

app = typer.Typer(name="usage", help="Usage records: files in, each record once.", no_args_is_help=True)
