"""The shape of every kind of rule file: which keys, in which order, with which kind of value.

These models check the form only; names are checked by the modules that link them.
``cds schema`` writes them as JSON Schema for editors.
"""
