"""How much is taken, how often, and from which day to which."""
