"""The states of findings -> rules that fire, then the Decision: outcome, advice and reasons, by names alone."""
