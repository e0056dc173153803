"""Several patients who were answered one by one: a line of each, the summary of all, as CSV and as a page."""
