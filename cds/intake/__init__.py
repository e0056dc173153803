"""What the record says: FHIR R4 JSON -> a Record of readings, mentions and courses, in the words of the rulebook."""
