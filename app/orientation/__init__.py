"""Orientation: places, bookmarks, search, selection, what the map is compared with, and the oblique view."""
