"""Share links of services that the server doesn't have, and who can tell what they stand for."""
