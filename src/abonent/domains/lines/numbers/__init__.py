"""Numbers that can be had."""
