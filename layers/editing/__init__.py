"""Editing: do, undo and redo; and pure functions that turn a gesture or a fix into an Edit."""

from layers.editing.session import EditSession

__all__ = ["EditSession"]
