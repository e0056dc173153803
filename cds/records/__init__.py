"""Decisions and feedback -> a log that is kept for good, chained by hashes, and enough to answer each call again."""
