"""Answered calls and feedback -> the records: kept before they are given, noted elsewhere, and kept no longer."""
