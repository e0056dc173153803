"""What clinicians wrote: rule files as text with line numbers -> a typed, immutable RuleBook with a hash."""
