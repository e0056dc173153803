"""Diagnoses on record: what they say, and when they began and ended."""
