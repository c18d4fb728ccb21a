"""Lighthouse's judgement of the pages as a phone on a slow network gets them, from the demo that is running.

    make bench BENCH=lighthouse

asks for node, a Chromium and a demo at `ABONENT_DEMO_URL` (http://localhost:8000); without one of them it says so in a
line and is skipped. It is run when named only. Lighthouse itself comes from npm into var/lighthouse, once. Scores of
performance mean something on a quiet machine alone: everything is slowed down four times once more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "var" / "lighthouse"
PACKAGE = "lighthouse@13"
DEMO = os.environ.get("ABONENT_DEMO_URL", "http://localhost:8000")
NUMBER = os.environ.get("ABONENT_DEMO_NUMBER", "+79000000008")
CATEGORIES = ("performance", "accessibility", "best-practices")
MISSING = "/no-such-page/"
OPEN = ("/", "/login/", MISSING)
SIGNED_IN = ("/home/", "/expenses/", "/statement/")
RUNS = int(os.environ.get("ABONENT_LIGHTHOUSE_RUNS", "3"))
FLAGS = "--headless --no-sandbox --disable-gpu"
WAIT_FOR_CODE_S = 20


def measure() -> list[dict[str, object]]:
    """Return for each page its worst category of 100, the median of several runs; nothing where there is no node."""
    if not shutil.which("npm"):
        print("lighthouse: skipped, there is no node (npm) here", file=sys.stderr)
        return []
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("lighthouse: skipped, there is no Chromium here", file=sys.stderr)
        return []
    try:
        cookie = _cookies(chromium)
    except URLError:
        print(f"lighthouse: skipped, no demo answers at {DEMO}", file=sys.stderr)
        return []
    program = _lighthouse()
    visits = [
        *((address, "") for address in OPEN),
        ("/login/code/", cookie["code"]),
        *((address, cookie["home"]) for address in SIGNED_IN),
    ]
    rows: list[dict[str, object]] = []
    for address, cookies in visits:
        runs = [_run(program, chromium, address, cookies) for _ in range(RUNS)]
        # Chromium itself writes every 404 to the console, and best practices count that.
        judged = CATEGORIES[:2] if address == MISSING else CATEGORIES
        scores = {name: statistics.median(run[name] for run in runs) for name in judged}
        power = statistics.median(run["power"] for run in runs)
        rows.append(
            {
                "name": f"Lighthouse, phone: {address}",
                "ratio": min(scores.values()) / 100,
                "target": "≥ 1.0",
                "detail": "lowest of "
                + ", ".join(f"{name} {score:.0f}" for name, score in scores.items())
                + f"; median of {RUNS} on a machine of Lighthouse's index {power:.0f}",
            }
        )
    return rows


def _lighthouse() -> Path:
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", f"{FOLDER}", PACKAGE]
        subprocess.run(npm, check=True, stdout=sys.stderr)
    return program


def _run(program: Path, chromium: str, address: str, cookies: str) -> dict[str, float]:
    """Return the scores of one run, 0 to 100, and how fast Lighthouse found the machine (`power`)."""
    command = [
        f"{program}",
        f"{DEMO}{address}",
        f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}",
        *("--quiet", "--output=json", "--output-path=stdout", "--max-wait-for-load=30000"),
    ]
    if address == MISSING:
        command.append("--ignore-status-code")
    if cookies:
        command.append("--extra-headers=" + json.dumps({"Cookie": cookies}))
    # Chromium loses the beginning of a trace now and then; Lighthouse itself asks to be run again.
    for last in (False, False, True):
        done = subprocess.run(
            command, env=os.environ | {"CHROME_PATH": chromium}, stdout=subprocess.PIPE, text=True, check=last
        )
        if done.returncode == 0:
            break
    report = json.loads(done.stdout)
    if report["finalDisplayedUrl"] != f"{DEMO}{address}":
        raise RuntimeError(f"{address} led to {report['finalDisplayedUrl']}")
    _tell(address, report)
    scores = {name: report["categories"][name]["score"] * 100 for name in CATEGORIES}
    return scores | {"power": report["environment"]["benchmarkIndex"]}


def _tell(address: str, report: dict[str, Any]) -> None:
    """Say on the error stream what was not perfect."""
    weighed = {ref["id"] for name in CATEGORIES for ref in report["categories"][name]["auditRefs"] if ref["weight"]}
    short = [
        f"{audit['id']} {audit.get('displayValue', '')}"
        for audit in report["audits"].values()
        if audit["id"] in weighed and audit["score"] is not None and audit["score"] < 1
    ]
    print(f"lighthouse: {address}: {', '.join(short) or 'nothing wanting'}", file=sys.stderr)


def _cookies(chromium: str) -> dict[str, str]:
    """Sign in as a person does; return the cookies of the page that asks for the code and of the cabinet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        page = browser.new_page(base_url=DEMO, locale="ru-RU")
        known = len(_messages())
        page.goto("/login/")
        page.fill("input[type=tel]", NUMBER)
        page.click("form button[type=submit]")
        page.wait_for_url("**/login/code/")
        asked = _written(page)
        code = _code(known)
        # The page of the code must stay one: it is left by whoever enters the code, so that is another browser.
        other = browser.new_context(
            base_url=DEMO, locale="ru-RU", storage_state=page.context.storage_state()
        ).new_page()
        other.goto("/login/code/")
        other.fill("input[autocomplete='one-time-code']", code)
        other.locator("form:has(input[autocomplete='one-time-code']) button[type=submit]").click()
        other.wait_for_url("**/home/")
        home = _written(other)
        browser.close()
    return {"code": asked, "home": home}


def _written(page: Page) -> str:
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())


def _messages() -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{DEMO}/phone/messages.json?number={quote(NUMBER)}") as answer:
        messages: list[dict[str, str]] = json.load(answer)
    return messages


def _code(known: int) -> str:
    until = time.monotonic() + WAIT_FOR_CODE_S
    while time.monotonic() < until:
        for message in _messages()[known:]:
            if found := re.search(r"\b(\d{6})\b", message["text"]):
                return found[1]
        time.sleep(0.2)
    raise RuntimeError(f"no code came to {NUMBER}: is the demo running at {DEMO}?")
