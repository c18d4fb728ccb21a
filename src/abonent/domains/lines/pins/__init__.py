"""PINs of lines."""
