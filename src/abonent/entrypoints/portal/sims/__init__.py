"""Another SIM for a number, and another number: what it means, the order, the code of an eSIM."""
