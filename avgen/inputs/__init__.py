"""What a command is given: scripts, recordings and manifests become clips."""
