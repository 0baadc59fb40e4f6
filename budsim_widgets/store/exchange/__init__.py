"""Configs to and from files: export, import, the file that a team shares."""
