"""«Банк Орбита»: the fictional bank of the demo, a program of its own that takes money nobody has.

It speaks the merchant protocol that `integrations/rbs` speaks, has pages for cards, codes and terminals, and on demand
is slow, loses answers, repeats itself and lies.
"""
