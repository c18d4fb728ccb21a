"""Usage records: facts from the network, stored once, never money."""
