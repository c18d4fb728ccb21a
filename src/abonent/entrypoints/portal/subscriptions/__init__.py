"""Subscriptions of content providers: what there is, its consent and money, its end, and the ban on new ones."""
