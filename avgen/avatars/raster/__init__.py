"""What any mesh needs to become pixels on the CPU."""
