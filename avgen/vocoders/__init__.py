"""Vocoders: mel spectrogram -> samples, one class per kind."""
