"""Everything that talks to the Music Assistant server."""
