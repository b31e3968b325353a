"""Kernels: hot loops written in Python, compiled once by numba, and from then on loaded without it.

`Kernel` is such a loop (`compiling`). `folder` says where it lies compiled. `object_code` turns what numba
has compiled into code of the `machine` alone, which `door` loads and calls: so the window draws without
importing a compiler, and the interpreter's lock is let go while kernels are loaded.
"""

from layers.kernels.compiling import Kernel as Kernel
from layers.kernels.compiling import finite as finite
from layers.kernels.compiling import inlined as inlined
from layers.kernels.compiling import is_warm as is_warm
from layers.kernels.compiling import keep as keep
from layers.kernels.compiling import kernel as kernel
from layers.kernels.folder import settle as settle
from layers.kernels.folder import sweep as sweep
