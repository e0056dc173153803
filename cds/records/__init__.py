"""What was decided and what users did with it: kept for good, chained by hashes, enough to answer again."""
