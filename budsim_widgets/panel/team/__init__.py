"""A team's configs: share, sync, what changed and from whom, and conflicts side by side."""
