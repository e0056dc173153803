"""Files -> rows by patient: what was named is found, every line is counted, and it is seen whose it is."""
