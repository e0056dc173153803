"""Results and answers on record: their values, ranges and reports."""
