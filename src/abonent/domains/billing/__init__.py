"""Where the money goes: rating, charges, top-ups, balance, left-overs, expenses, the statement."""
