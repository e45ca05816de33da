"""Media of the server: browsing, searching, resolving and artwork."""
