"""Communication with the Music Assistant server."""
