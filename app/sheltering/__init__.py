"""The shelters workspace: what its panels, map and dialogs do together."""
