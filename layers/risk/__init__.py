"""Risk: hazard × exposure × vulnerability, in five grades with fixed bounds."""
