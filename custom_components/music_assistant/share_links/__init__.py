"""Share links of streaming services and the resolvers that identify them."""
