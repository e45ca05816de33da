"""What an event costs: this integration beside the built-in one and the bare client."""
