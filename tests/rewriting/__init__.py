"""Other ways to write one record: each rewriting means the same, or (``losses``) says less than before."""
