"""For clinicians and authors: rule files -> remarks, mutants that no case notices, changes, what-if, signatures."""
