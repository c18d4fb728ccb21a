"""From what happened to what it costs: on frames, for many lines at once."""
