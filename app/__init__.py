"""The desk: Qt window and command line of riskatlas."""

__version__ = "0.1.0"
