"""Doors: files on their way in and out, the questions they raise, sheets on paper, the sample project."""
