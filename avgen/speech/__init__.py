"""Speech features and audio: mel spectrograms at the code rate."""
