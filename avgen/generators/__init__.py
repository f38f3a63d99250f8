"""Networks that move a released person to sound, as their checkpoints have them (Ng et al. 2024)."""
