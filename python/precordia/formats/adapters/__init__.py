"""One small file for each library that reads a format; what each reads, and its licence, stands at its top."""
