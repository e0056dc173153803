"""A token -> the Caller who may call; a URL -> a guarded request to a FHIR server or a key set, or none."""
