"""Codes, concepts and words as they are looked up and compared, whatever they are about."""
