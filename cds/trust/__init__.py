"""Who may call, and whom we call: JSON Web Tokens, key sets, and guarded requests to FHIR servers."""
