"""The frame of the window: header, status line, docks, notices, palette, tour, help, and the report of a bug.

Nothing here knows what lies on the map.
"""
