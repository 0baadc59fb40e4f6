"""Bounded requests: one session, a deadline, threads, the local cache."""
