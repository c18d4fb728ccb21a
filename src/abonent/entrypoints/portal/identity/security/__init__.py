"""How safe the cabinet is: one page that says it, sessions, history, "it was not me", one's data, the way out."""
