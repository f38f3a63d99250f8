"""Bodies below the neck: clothes, hands, captures of them, and what the run-time draws."""
