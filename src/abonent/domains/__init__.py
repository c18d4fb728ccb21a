"""The business, floor upon floor; see ARCHITECTURE.md for who may know whom."""
