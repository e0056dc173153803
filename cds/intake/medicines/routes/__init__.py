"""How a medicine gets into the body."""
