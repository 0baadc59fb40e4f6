"""Dataset repositories: read, commit, pull requests."""
