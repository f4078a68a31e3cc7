"""What reports say of a session. Knows nothing of how it was reached."""
