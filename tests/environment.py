"""Loaded before everything else: the tests' own settings and their own PostgreSQL, which goes when they end."""

import atexit
import os
import sys
from pathlib import Path

VAR = Path(os.environ.get("TEST_VAR", Path(__file__).resolve().parents[1] / "var" / "tests")).absolute()

# The product is started many times over: half of what that takes would be compiling, when nobody keeps what came of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(VAR / "bytecode")

os.environ.pop("DATABASE_URL", None)
for name in [name for name in os.environ if name.startswith("ABONENT_")]:
    del os.environ[name]
os.environ |= {
    "ABONENT_VAR": str(VAR),
    "ABONENT_DEMO": "1",
    "DJANGO_SETTINGS_MODULE": "abonent.config.settings",
    # Playwright's own loop runs in the tests' thread; Django's guard against that would refuse the database.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}

from hypothesis import settings  # noqa: E402 - the environment comes first

from abonent.foundation.embedded_postgres import EmbeddedPostgres  # noqa: E402 - the same

# A busy machine is slow at times: that is no finding.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_server = EmbeddedPostgres(VAR / "postgres", durable=False).in_use()
_server.__enter__()
atexit.register(_server.__exit__, None, None, None)
