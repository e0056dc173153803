"""What is true on a day: one value per term chosen or computed from the record, and the findings it satisfies."""
