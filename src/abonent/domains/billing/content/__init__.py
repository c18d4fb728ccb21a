"""Content accounts, and what subscriptions of content providers cost."""
