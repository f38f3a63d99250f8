"""Gestures by rule: what is heard in speech and a seed -> a body code, in gesture phrases."""
