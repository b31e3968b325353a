"""Rows of arrays as kernels want them: an address and no more, and known not to overlap.

A slice of numba's counts its users in memory that all threads share: some 30 locked additions a row of faces,
for which two threads wait on each other; and it is handed over as seven numbers, some hundred for a row of
faces, which took as long as one of its vectors. And as nothing says that the row which is written is none of
those which are read, every pair of them would be compared before each row.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

Row = Any  # of an array, as a pointer
_WHOLE = ir.IntType(64)


@intrinsic  # type: ignore[untyped-decorator]
def row(context: Any, array: Any, i: Any, j: Any) -> Any:
    """Where ``array[i, j:]`` begins, of an array with contiguous rows, which the caller has to keep alive."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        stride, _ = cgutils.unpack_tuple(builder, whole.strides)
        offset = builder.add(builder.mul(arguments[1], stride), builder.mul(arguments[2], whole.itemsize))
        address = builder.add(builder.ptrtoint(whole.data, _WHOLE), offset)
        return builder.inttoptr(address, whole.data.type)

    return types.CPointer(array.dtype)(array, types.int64, types.int64), build


@intrinsic  # type: ignore[untyped-decorator]
def apart(context: Any) -> Any:
    """Said in a kernel: what it writes to is none of its other arguments."""

    def build(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        for argument in builder.function.args:
            if isinstance(argument.type, ir.PointerType):
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return types.void(), build
