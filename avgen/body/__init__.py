"""The body below the head: its channels, its skeleton, and how one moves the other."""
