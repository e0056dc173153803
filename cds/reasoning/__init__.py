"""What follows: from the states of findings to rules, the outcome, the advice and the reasons, by names alone."""
