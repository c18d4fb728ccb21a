"""What a run of all tests tells while it lasts: each failure at once, and what it waits for before it never ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

import pytest

# Several times what all tests take together. What is not done by then will not be, and nobody would learn why.
DEADLINE_S: Final = 70 * 60


class Watch:
    """Stands in the process that hands out the tests; knows which of them have begun and not ended."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._begun: dict[str, float] = {}
        self._timer = threading.Timer(DEADLINE_S, self._end)
        self._timer.daemon = True
        self._timer.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._begun[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._begun.pop(nodeid, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = (crash.message if crash else report.longreprtext).strip()
            self._tell(f"{report.nodeid} ({report.when}, {report.duration:.0f} s): {message[:400]}")

    def pytest_unconfigure(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        """Name what has not ended, have each worker tell where it stands, and end as if asked to from outside."""
        now = time.monotonic()
        for nodeid, begun in dict(self._begun).items():
            self._tell(f"after {DEADLINE_S / 60:.0f} minutes, for {now - begun:.0f} s now: {nodeid}")
        for gateway in self._workers():
            os.kill(gateway, signal.SIGABRT)  # its handler writes the stack of every thread
        time.sleep(5)
        os.kill(os.getpid(), signal.SIGINT)

    def _workers(self) -> list[int]:
        session = self._config.pluginmanager.get_plugin("dsession")
        nodes = getattr(getattr(session, "nodemanager", None), "group", ())
        return [gateway._io.popen.pid for gateway in nodes]

    def _tell(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line(f"\n{line}")


def watch(config: pytest.Config) -> None:
    """Watch the run, from the process that hands out the tests."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watch(config), "watch")
