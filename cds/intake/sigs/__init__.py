"""Directions in words (sigs) in the languages of many countries, read as doses and times."""
