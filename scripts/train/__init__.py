"""Training of every network that Mira ships."""
