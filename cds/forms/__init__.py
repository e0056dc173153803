"""The forms of findings: what a rule file can say about a patient, each with all its meanings side by side.

A new form is one class in one of these modules, and a line in ``cds.forms.registry``.
"""
