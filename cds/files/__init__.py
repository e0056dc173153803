"""Files as people have them: which are read, what stands in them, and the people in them."""
