"""The steps of the config flow, by subject."""
