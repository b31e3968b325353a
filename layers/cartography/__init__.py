"""Maps: how layers look, the kernel that draws them, sheets and series."""
