"""Finding music, and showing its pictures."""
