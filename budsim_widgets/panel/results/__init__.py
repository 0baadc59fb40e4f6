"""The question of the panel as code and as a notebook."""
