"""Floods at the window: places picked on the map, hydrographs, sets of scenarios."""
