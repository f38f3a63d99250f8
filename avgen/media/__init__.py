"""Encoding with ffmpeg, and what a finished file says about itself."""
