"""Many patients: from a FHIR Bulk Data export to everybody's answer, with books that balance."""
