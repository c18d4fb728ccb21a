"""Content providers, and what they sell."""
