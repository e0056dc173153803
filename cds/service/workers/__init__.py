"""Several processes that answer calls: how they are kept, what each is made from, and what they have in common."""
