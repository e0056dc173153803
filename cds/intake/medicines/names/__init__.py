"""Which medicine a code or a text names: a product, a medicine of a term, something else, or nobody knows."""
