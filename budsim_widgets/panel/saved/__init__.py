"""Saved configs: list, history, edit, export, import."""
