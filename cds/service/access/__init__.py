"""Who may call, and whom the service calls: tokens, proxies, its certificate, key sets and FHIR servers."""
