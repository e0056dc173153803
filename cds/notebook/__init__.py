"""What a notebook shows: an evaluation as an EHR shows its cards, many results as a table, a rulebook in a few lines.

The HTML stands alone: no script, no style sheet, nothing that is fetched; every style is an attribute, as notebooks
take style sheets away. Colours of text are those of the notebook, so that it can be read in light and in dark ones.
"""
