"""Other systems: a RuleBook -> FHIR R4 artifacts; a hospital's ValueSet -> an overlay file that adds its codes."""
