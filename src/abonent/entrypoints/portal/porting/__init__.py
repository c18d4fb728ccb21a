"""Numbers that change their operator: brought to us by anybody, taken from us by others."""
