"""`abonent demo`: everything a first look needs, in one terminal, gone with Ctrl-C."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.error import URLError

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from abonent.config.environment import Environment
from abonent.entrypoints.cli import processes, runtime
from abonent.web.format import NBSP, phone

if TYPE_CHECKING:
    from abonent.demo.load import Loaded
    from abonent.demo.staff import Hired

HOST = "127.0.0.1"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 10
PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Somebody asked the demo to end."""


def run(*, port: int, subscribers: int, days: int, seed: int) -> None:
    """Prepare the operator, run web and worker until Ctrl-C, and leave no process behind."""
    if os.environ.get("DATABASE_URL"):
        runtime.fail(
            "the demo fills a database with fictional people and works on the embedded one only; unset DATABASE_URL"
        )
    processes.refuse_taken_port(HOST, port)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    console = Console(stderr=False)
    try:
        with runtime.database() as settings:
            _serve(console, settings, port=port, subscribers=subscribers, days=days, seed=seed)
    except Stopped:
        console.print(
            "\nStopped. The data stays in var/; `make demo` goes on with it, `make reset` deletes it.", soft_wrap=True
        )


def _serve(console: Console, settings: Environment, *, port: int, subscribers: int, days: int, seed: int) -> None:
    loaded = _load(console, settings, subscribers=subscribers, days=days, seed=seed)
    hired = _hire(settings)
    log_file = settings.var / "demo.log"
    log = log_file.open("a")
    recogniser, services, bank, network = processes.free_ports(HOST, port + 1, 4)
    os.environ["ABONENT_DEMO_RECOGNISER"] = f"http://{HOST}:{recogniser}"
    os.environ["ABONENT_DEMO_SERVICES"] = f"http://localhost:{services}"
    os.environ["ABONENT_DEMO_ACQUIRER"] = f"http://localhost:{bank}"
    os.environ["ABONENT_DEMO_NETWORK"] = f"http://localhost:{network}"
    children = {
        "worker": _start(["worker"], log.fileno()),
        "web server": _start(["serve", "--host", HOST, "--port", str(port)], log.fileno()),
        "recogniser": _start(["recognise", "--host", HOST, "--port", str(recogniser)], log.fileno()),
        "other services": _start([str(services)], log.fileno(), module="abonent.demo.elsewhere"),
        "bank": _start(_bank(settings, bank), log.fileno(), module="abonent.demo.acquirer"),
        "network": _start(_network(settings, network), log.fileno(), module="abonent.demo.network"),
    }
    try:
        _wait_until_up(f"http://{HOST}:{port}/login/", children, log_file)
        _say(console, port, loaded, hired)
        while True:
            _check_alive(children, log_file)
            time.sleep(0.5)
    finally:
        _end(children)
        log.close()


def _bank(settings: Environment, port: int) -> list[str]:
    return [
        str(port),
        "--file",
        str(settings.var / "bank" / "acquirer.sqlite"),
        "--merchant",
        settings.channels.address,
    ]


def _network(settings: Environment, port: int) -> list[str]:
    file = settings.var / "network" / "switch.sqlite"
    return [str(port), "--file", str(file), "--site", settings.channels.address]


def _load(console: Console, settings: Environment, *, subscribers: int, days: int, seed: int) -> Loaded:
    """Load the operator with a bar for each phase; return what there is to sign in with."""
    from abonent.demo import load
    from abonent.foundation import clock

    bars = Progress(
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    tasks: dict[str, TaskID] = {}

    def progress(phase: str, done: int, total: int) -> None:
        if phase not in tasks:
            tasks[phase] = bars.add_task(phase, total=total)
        bars.update(tasks[phase], completed=done, total=total)

    with bars:
        try:
            loaded = load.load(
                subscribers=subscribers,
                days=days,
                seed=seed,
                now=clock.now().replace(minute=0, second=0, microsecond=0),
                folder=settings.var / "demo",
                progress=progress,
            )
        except load.DifferentOperator as error:
            runtime.fail(str(error))
    return loaded


def _hire(settings: Environment) -> list[Hired]:
    """Give the operator its staff."""
    from abonent.demo import drafts, staff
    from abonent.foundation import clock

    hired = staff.hire(settings.var / "demo", clock.now())
    drafts.write(clock.now())
    return hired


def _start(arguments: list[str], log: int, module: str = "abonent.entrypoints.cli.main") -> subprocess.Popen[bytes]:
    """Start `abonent …` away from the terminal's Ctrl-C; it ends with us even when we are killed."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_end_with_parent,
        env=os.environ | {"ABONENT_DEMO": "1", runtime.PREPARED: str(os.getpid())},
    )


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_up(address: str, children: dict[str, subprocess.Popen[bytes]], log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        _check_alive(children, log)
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    runtime.fail(f"the web server does not answer; see {log}")


def _check_alive(children: dict[str, subprocess.Popen[bytes]], log: Path) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            runtime.fail(f"the {name} ended by itself; see {log}")


def _say(console: Console, port: int, loaded: Loaded, hired: list[Hired]) -> None:
    address = f"http://localhost:{port}"
    lines = [
        "",
        f"[bold]Abonent is at[/bold] {address}/    [bold]and the phone on screen at[/bold] {address}/phone/",
        "",
        "Sign in with one of these numbers; the code arrives on the phone on screen:",
        *(f"  [bold]{_phone(number)}[/bold]  {story}" for number, story in loaded.numbers),
        "",
        "Or by the number of a contract or account, at /login/contract/; the code goes to the number after it:",
        *(f"  [bold]{number}[/bold]  {_phone(contact)}" for number, contact in loaded.contracts),
        "",
        "What the owners of the first numbers tell an agent who asks (name, birth date, document, code word):",
        *(f"  {answers}" for answers in loaded.people),
        "",
        f"Staff sign in at {address}/staff/login/; their codes are at {address}/phone/staff/:",
        *(f"  [bold]{one.login}[/bold]  {one.password}  {one.role}" for one in hired),
        "",
        f"Cards to pay with, and what the bank can do wrong: {os.environ['ABONENT_DEMO_ACQUIRER']}/control/",
        "",
        f"What the network has, and what it can do wrong: {os.environ['ABONENT_DEMO_NETWORK']}/control/",
        "",
        f"Numbers that change their operator, led by hand: {os.environ['ABONENT_DEMO_NETWORK']}/porting/",
        "",
        "Ctrl-C stops everything.",
    ]
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    sys.stdout.flush()


def _phone(number: str) -> str:
    return phone(number).replace(NBSP, " ")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        child.terminate()
    for child in children.values():
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
