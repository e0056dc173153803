"""Rows of a patient -> the answer, by the evaluation of the live service, and the table of answers."""
