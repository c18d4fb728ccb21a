"""`make bench`: run every benchmark in its own process, print one table, write docs/benchmarks.md.

make bench                    all of them
make bench BENCH="ledger"     some, by module name; the page keeps the others' last results
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "docs" / "benchmarks.json"
MODULES = (
    "home", "sign_in", "password", "ledger", "fees", "top_ups", "usage_import", "statement", "exports", "growth",
    "what_if", "catalogue", "families", "idle",
)  # fmt: skip
# Run when they are named only: they need more than this machine has by itself.
BY_NAME = ("lighthouse",)
RUN = "import json; from benchmarks.{module} import measure; print(json.dumps(measure()))"
HEAD = """# Benchmarks

Every target is a ratio against a baseline measured in the same run on the same machine, since absolute times mean
little on shared cores. Repeat with `make bench`, one part with `make bench BENCH="ledger"`; the code is in
`benchmarks/`, a module per part, and says what its baseline is.

"""


@dataclass(frozen=True)
class Result:
    """One line of the table; `target` is `≤ 8` or `≥ 0.35`."""

    name: str
    ratio: float
    target: str
    detail: str

    @property
    def met(self) -> bool:
        sign, limit = self.target.split()
        return self.ratio <= float(limit) if sign == "≤" else self.ratio >= float(limit)

    @property
    def row(self) -> str:
        return f"| {self.name} | {self.ratio:.2f} | {self.target} | {'yes' if self.met else '**no**'} | {self.detail} |"


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(MODULES) - set(BY_NAME)
    if unknown:
        print(
            f"benchmarks: no such part: {', '.join(sorted(unknown))}; there are {', '.join(MODULES + BY_NAME)}",
            file=sys.stderr,
        )
        return 2
    results: dict[str, list[dict[str, object]]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for module in wanted or MODULES:
        print(f"measuring {module} …", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(module=module)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        results[module] = json.loads(done.stdout.splitlines()[-1])
        # At once: a part that fails later loses nothing of those before.
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    table = [Result(**row) for module in MODULES + BY_NAME for row in results.get(module, [])]
    lines = [
        "| what | ratio | target | met | how measured |",
        "|---|---|---|---|---|",
        *(result.row for result in table),
    ]
    PAGE.write_text(
        HEAD + "\n".join(lines) + f"\n\nLast run on {platform.system()} with Python {platform.python_version()}.\n"
    )
    print("\n".join(lines))
    return 0 if all(result.met for result in table) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
