"""Actors: their folders, face codes, posed heads and cameras."""
