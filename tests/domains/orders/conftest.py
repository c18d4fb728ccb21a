"""What tests of orders share: a catalogue, and a network in memory."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import network, offers
from tests.factories.network import Switch


@pytest.fixture
def switch(settings: Any) -> Switch:
    """Load the catalogue, and have the settings name a network in memory, fresh."""
    offers.load()
    return network.open_network(settings)
