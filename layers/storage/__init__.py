"""Projects on disk, and the doors through which foreign files come in and go out."""
