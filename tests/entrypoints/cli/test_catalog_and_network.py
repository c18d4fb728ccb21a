"""`abonent catalog`, `abonent help` and `abonent network reconcile`, as an operator runs them (OPS-3)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from abonent.demo import catalogue, helping
from abonent.domains.help import rules_yaml
from tests import migrated
from tests.entrypoints.cli.test_commands import abonent
from tests.factories import voice

VAR = Path(os.environ["ABONENT_VAR"]) / f"catalog-command-{os.getpid()}"
VERSIONS = len(catalogue.offers().versions)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return abonent(*arguments, ABONENT_VAR=str(VAR), **environment)


@pytest.fixture(scope="module", autouse=True)
def _one_server():
    """Keep the embedded database up between the commands."""
    with migrated.server(VAR):
        yield


def test_ops_3_a_catalogue_is_loaded_exported_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(catalogue.OFFERS.read_text().replace("fee_minor: 5900", "fee_minor: -5900", 1))
    refused = run("catalog", "load", str(file))
    assert (refused.returncode, "line 12: caller-name: a price is not negative" in refused.stderr) == (1, True)
    loaded = run("catalog", "load", str(catalogue.OFFERS))
    assert (loaded.returncode, f"{VERSIONS} versions are new" in loaded.stdout) == (0, True), loaded.stderr
    exported = tmp_path / "exported.yaml"
    exported.write_text(run("catalog", "export").stdout)
    assert f"{VERSIONS} were there already" in run("catalog", "load", str(exported)).stdout
    nothing = run("network", "reconcile", ABONENT_NETWORK="tests.factories.network.Switch")
    assert (nothing.returncode, nothing.stdout) == (0, "0 lines differ\n"), nothing.stderr


def test_ops_3_help_is_published_exported_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "help.yaml"
    file.write_text(helping.FILE.read_text().replace("(/topup/)", "(https://elsewhere.example/)", 1))
    refused = run("help", "load", str(file))
    assert (refused.returncode, "leads out of the site" in refused.stderr) == (1, True)
    loaded = run("help", "load", str(helping.FILE))
    assert (loaded.returncode, "92 texts are new" in loaded.stdout) == (0, True), loaded.stderr
    assert rules_yaml.read(run("help", "export").stdout, ("ru", "en")) == rules_yaml.read(
        helping.FILE.read_text(), ("ru", "en")
    )


def test_vas_4_tones_are_loaded_with_their_sounds_and_a_bad_file_is_refused_whole(tmp_path: Path) -> None:
    file = tmp_path / "tones.yaml"
    told = "{name: {ru: Прилив, en: Tide}, category: calm, artist: Orbita, file: %s}"
    file.write_text(f"categories: {{calm: {{ru: Спокойные, en: Calm}}}}\ntones:\n  tide: {told % '../tide.wav'}\n")
    refused = run("tones", "load", str(file))
    assert (refused.returncode, "tide: there is no file ../tide.wav" in refused.stderr) == (1, True), refused.stderr
    (tmp_path / "tide.wav").write_bytes(voice.wav(1))
    file.write_text(file.read_text().replace("../", ""))
    loaded = run("tones", "load", str(file))
    assert (loaded.returncode, "1 tones are sold" in loaded.stdout) == (0, True), loaded.stderr
