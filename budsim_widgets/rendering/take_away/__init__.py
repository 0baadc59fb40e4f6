"""Results to take along: Markdown, pictures."""
