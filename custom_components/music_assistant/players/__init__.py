"""What a player is to Home Assistant, and what can be asked of it."""
