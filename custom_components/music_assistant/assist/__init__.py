"""Voice: players by their spoken names, and the tools of language models."""
