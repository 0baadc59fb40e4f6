"""A team's configs in a dataset repository: plan, push, pull, pull requests."""
