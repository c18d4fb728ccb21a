"""How fast somebody's connection to us is."""
