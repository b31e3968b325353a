"""Drawing: the tools that change shapes on the map, what they catch, and the bar they lie on."""
