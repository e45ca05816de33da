"""What belongs to a config entry: accounts, tokens, devices and issues."""
