"""Runs of many clips: planning, the lock of the output folder, and what becomes of each clip."""
