"""Codec avatars in the published layout of Audio2Photoreal's renderer: a whole body that is decoded."""
