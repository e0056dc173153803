"""What goes to and comes from other systems: the rulebook as FHIR R4 artifacts, and a hospital's ValueSets as codes."""
