"""Clocks and timers: scaled, skippable, simulated."""
