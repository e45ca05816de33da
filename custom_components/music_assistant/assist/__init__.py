"""What is said: players in people's words, and the tools of language models."""
