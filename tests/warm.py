"""`abonent` as people call it, without loading anew for each call what other people wrote.

`python -m tests.warm` has loaded that once. It reads a call from each line of its standard input (JSON: arguments,
environment, where output goes), forks, and answers with the exit code: each call is a process of its own with its own
environment, in which nothing of the product was loaded before.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# None of them reads a setting or starts a thread when it is loaded.
LIBRARIES = (
    "babel.numbers", "cryptography.x509", "django.apps", "django.contrib.postgres.fields", "django.db.models",
    "django.core.serializers.json", "django.db.backends.postgresql.base", "django.forms", "django.http",
    "django.template", "django.urls", "jinja2", "phonenumbers", "polars", "procrastinate", "psycopg_pool", "requests",
    "typer", "webauthn",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[1]
_server: subprocess.Popen[str] | None = None


def call(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `abonent` with the arguments in that environment, and return what came of it."""
    global _server
    if _server is None or _server.poll() is not None:
        _server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        atexit.register(_server.kill)
    assert _server.stdin is not None
    assert _server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"arguments": list(arguments), "environment": dict(environment), "out": str(out), "err": str(err)}
        _server.stdin.write(json.dumps(asked) + "\n")
        _server.stdin.flush()
        code = int(_server.stdout.readline())
        return subprocess.CompletedProcess(["abonent", *arguments], code, out.read_text(), err.read_text())


def main() -> None:
    """Fork for each call until nobody is left to make one."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _become(asked: dict[str, object]) -> None:
    """Be that call, from the environment to the exit code, and nothing after it."""
    for target, stream in ((asked["out"], sys.stdout), (asked["err"], sys.stderr)):
        os.dup2(os.open(str(target), os.O_WRONLY | os.O_CREAT), stream.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["abonent", *asked["arguments"]]
    code = 1
    try:
        importlib.import_module("abonent.entrypoints.cli.main").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - told as the interpreter would, and the exit code says so
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        atexit._run_exitfuncs()
        os._exit(code)


if __name__ == "__main__":
    main()
