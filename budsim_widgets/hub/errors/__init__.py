"""What the Hub's client raises, translated into errors for people: one module a cause."""
