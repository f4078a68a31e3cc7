"""Talking to Device Farm. Knows no pytest."""
