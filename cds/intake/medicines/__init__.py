"""Medicines and products on record: what they are, what they hold, how much of it is taken, and when."""
