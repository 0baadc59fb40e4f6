"""HTML that needs no style sheet and no theme."""
