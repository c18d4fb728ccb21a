"""Money, as its owner sees it: expenses and the detailed statement."""
