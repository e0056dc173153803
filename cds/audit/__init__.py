"""The audit book: the whole rulebook as HTML that a clinician reads without a network and without a program."""
