"""Rows of arrays as kernels want them: bare, and known not to overlap.

A slice of numba's counts its users in memory that all threads share: some 30 locked additions a row of faces,
for which two threads wait on each other. And as nothing says that the row which is written is none of those
which are read, every pair of them would be compared before each row.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

_WHOLE = ir.IntType(64)


@intrinsic  # type: ignore[untyped-decorator]
def row(context: Any, array: Any, i: Any, j: Any, n: Any) -> Any:
    """``array[i, j : j + n]`` of an array with contiguous rows, which the caller has to keep alive."""
    kind = types.Array(array.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        stride, step = cgutils.unpack_tuple(builder, whole.strides)
        offset = builder.add(builder.mul(arguments[1], stride), builder.mul(arguments[2], whole.itemsize))
        address = builder.add(builder.ptrtoint(whole.data, _WHOLE), offset)
        found = arrayobj.make_array(kind)(context, builder)
        arrayobj.populate_array(
            found,
            data=builder.inttoptr(address, whole.data.type),
            shape=[arguments[3]],
            strides=[step],
            itemsize=whole.itemsize,
            meminfo=None,
        )
        return found._getvalue()

    return kind(array, types.int64, types.int64, types.int64), build


@intrinsic  # type: ignore[untyped-decorator]
def apart(context: Any) -> Any:
    """Said in a kernel: what it writes to is none of its other arguments."""

    def build(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        for argument in builder.function.args:
            if isinstance(argument.type, ir.PointerType):
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return types.void(), build
