"""Making actors: other people on the same mesh, from words or from photographs."""
