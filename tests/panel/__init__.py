"""Tests of `budsim_widgets.panel`: real actions, a real store, and the real client of a loopback Hub."""
