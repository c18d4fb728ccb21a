"""`python -m tests.drills.nursery`: starts workers and customers within a moment, by forking what is loaded already.

A line on standard input names one (`worker 1`, `customers 2`), its process id comes back on standard output. Each leads
a group of its own, so that it can be killed alone.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

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
        # Whoever is told the number may kill the group at once: it is there, however late the child gets to it.
        with suppress(ProcessLookupError):
            os.setpgid(pid, pid)
        print(pid, flush=True)


def _live(kind: str, number: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    # What it was told by and answers to is the parent's alone: nobody waits for the end of a pipe that a child holds.
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        if kind == "worker":
            processes.work(concurrency=4)
        else:
            customers.main(number)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
