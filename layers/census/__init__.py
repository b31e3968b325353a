"""The census of risk: what kinds of layers there are, and what their fields mean."""
