"""`python -m tests.drills.nursery`: starts workers and customers within a moment, by forking what is loaded already.

A line on standard input names one (`worker 1`, `customers 2`), its process id comes back on standard output. Each leads
a group of its own, so that it can be killed alone.
"""

from __future__ import annotations

import os
import signal
import sys

from abonent.entrypoints.cli import processes
from tests.drills import customers


def main() -> None:
    """Fork until there is nobody left to ask."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        kind, number = line.split()
        pid = os.fork()
        if pid == 0:
            _live(kind, number)
        print(pid, flush=True)


def _live(kind: str, number: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    try:
        if kind == "worker":
            processes.work(concurrency=4)
        else:
            customers.main(number)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
