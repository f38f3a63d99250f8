"""The textured mesh: a posed head with light terms, textures and pictures of its hair."""
