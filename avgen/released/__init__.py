"""Actors that others have released: their files, checked and converted once, become an actor's folder."""
