"""Joint audio-visual generation by flow matching (paper sections 3.2 and 3.3)."""
