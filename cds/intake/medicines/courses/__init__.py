"""Whether a medicine is taken, and which records speak of the same one."""
