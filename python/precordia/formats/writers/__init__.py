"""One small file for each format that is written. Each says what it had no room for."""
