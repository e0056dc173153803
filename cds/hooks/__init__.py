"""The protocol of CDS Hooks 2.0 as pure functions: discovery, envelope, prefetch, orders, cards, feedback. No HTTP."""
