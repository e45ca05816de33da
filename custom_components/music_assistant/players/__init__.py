"""Player snapshots, detection of changes, and commands of players."""
