"""One's numbers: all that a person sees, how they are called, what is shared with whom, another one added."""
