"""Top-ups that people begin."""
