"""Actors: their folders, and the classes that their components can be."""
