"""Each test keeps the end of the audit trail to itself."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_head(settings, tmp_path: Path) -> None:
    settings.AUDIT_HEAD = tmp_path / "audit-head"
