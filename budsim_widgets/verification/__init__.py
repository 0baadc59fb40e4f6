"""A pasted config against what the Hub publishes about its model."""
