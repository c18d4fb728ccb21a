"""A contract tops itself up from a saved card."""
