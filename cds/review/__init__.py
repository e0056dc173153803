"""For clinicians and authors: whether the rule files hold together, and whether their cases would notice a change."""
