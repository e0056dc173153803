"""The audit book: a RuleBook and its history -> HTML that a clinician reads without a network and without a program."""
