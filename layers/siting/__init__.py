"""Shelters, depots and other sites: which to open, who goes where, and how good that is at least."""
