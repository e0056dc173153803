"""A client of FHIR Bulk Data servers: from the kick-off request to the files of an export."""
