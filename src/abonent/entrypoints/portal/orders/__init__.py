"""Services: what a line has, what is sold for it, and the orders by which that changes."""
