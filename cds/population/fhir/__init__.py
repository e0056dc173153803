"""The answers of a run as FHIR: MeasureReport, Group, DetectedIssue."""
