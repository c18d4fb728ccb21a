"""Tariffs: what is on sale, side by side with one's own, and what each would have cost."""
