"""From what numba has compiled to object code that needs nothing of numba.

Of a kernel's module all becomes internal but the door, so that Python's wrappers fall away, and so does the
counting of users: a door says of its arrays that nobody counts them. What is left may call the C library's
memory and mathematics, and nothing else.
"""

from typing import Any

import llvmlite.binding as llvm
import numpy as np

from layers.kernels import machine
from layers.kernels.door import FITS, READ_ONLY, Kind, Signature
from layers.kernels.door_text import door_text

C_LIBRARY = {
    "memcpy", "memmove", "memset", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "exp", "exp2",
    "expm1", "floor", "fma", "fmod", "hypot", "log", "log10", "log1p", "log2", "nearbyint", "pow", "rint",
    "round", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
}  # fmt: skip
"""What kept kernels may call."""
INSTRUCTIONS = {
    "abs", "assume", "bswap", "copysign", "ctlz", "ctpop", "cttz", "experimental", "fabs", "fmuladd", "fshl",
    "fshr", "lifetime", "masked", "maximum", "maxnum", "minimum", "minnum", "sadd", "smax", "smin", "smul",
    "ssub", "uadd", "umax", "umin", "umul", "usub", "vector", "x86",
}  # fmt: skip
"""What LLVM knows by name and turns into instructions."""


class NotKept(Exception):
    """A kernel that cannot be object code of its own; says why."""


def object_code(kernel: Any, stem: str) -> tuple[bytes, list[str], list[Signature]]:
    """The code of all types of arguments for which a kernel is compiled.

    Parameters
    ----------
    kernel : numba dispatcher
    stem : str
        How the names of the doors begin.

    Returns
    -------
    code : bytes
        An object file.
    needs : list of str
        What it calls of the C library.
    doors : list of Signature

    Raises
    ------
    NotKept
        It takes or returns something else than numbers, arrays in C order and tuples of numbers; it can
        raise; or it calls something beyond the C library: memory for new arrays, say.
    """
    whole, doors = llvm.parse_assembly(""), []
    for number, compiled in enumerate(kernel.overloads.values()):
        kinds = tuple(map(_kind, compiled.signature.args))
        door = Signature(f"{stem}{number}", kinds, _result(compiled.signature.return_type))
        whole.link_in(_with_door(compiled, door))
        doors.append(door)
    if not doors:
        raise NotKept("it is not compiled")
    return machine.target().emit_object(whole), sorted(_needs(whole)), doors


def _kind(of: Any) -> Kind:
    """The kind of the values that numba gives this type."""
    from numba import types
    from numba.np.numpy_support import as_dtype

    numbers = {types.float64: "d", types.int64: "q", types.boolean: "?"}
    if isinstance(of, types.Array) and of.layout == "C" and of.aligned:
        return np.dtype(as_dtype(of.dtype)), of.ndim, FITS if of.mutable else READ_ONLY
    if isinstance(of, types.BaseAnonymousTuple):
        return tuple(map(_kind, of.types))
    if of not in numbers:
        raise NotKept(f"it takes {of}")
    return numbers[of]


def _result(of: Any) -> str:
    """The words in which a value of this type is returned."""
    from numba import types

    words = {types.none: "", types.int64: "q", types.float64: "d"}
    if isinstance(of, types.BaseAnonymousTuple):
        return "".join(map(_result, of.types))
    if of not in words:
        raise NotKept(f"it returns {of}")
    return words[of]


def _with_door(compiled: Any, door: Signature) -> Any:
    """The module of a kernel compiled for these kinds of arguments: its door, and what that calls."""
    module = llvm.parse_bitcode(compiled.library._get_module_for_linking().as_bitcode())
    entry = module.get_function(compiled.fndesc.llvm_func_name)
    written = door_text(door, entry.name, [str(each.type) for each in entry.arguments])
    if not written:
        raise NotKept("numba hands arguments over in another way than is known here")
    module.link_in(llvm.parse_assembly(written))
    for each in (*module.functions, *module.global_variables):
        if not each.is_declaration and each.name != door.symbol:
            each.linkage = "internal"
    _strip(module)
    _needs(module)
    if any(".const.pickle" in each.name for each in module.global_variables):
        raise NotKept("it can raise")
    return module


def _strip(module: Any) -> None:
    """Take away what is never called or never so; the rest stays as numba has optimised it."""
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_ipsccp_pass()
    passes.add_simplify_cfg_pass()
    passes.add_dead_code_elimination_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, llvm.create_pass_builder(machine.target(), llvm.create_pipeline_tuning_options(3)))


def _needs(module: Any) -> set[str]:
    """What of the C library the code calls; `NotKept` if it calls anything else."""
    found = {"fmod"} if " frem " in str(module) else set()
    for function in module.functions:
        if function.is_declaration:
            _, is_known, rest = function.name.rpartition("llvm.")
            name, *variant = rest.split(".")
            called = name + "f" * (variant[:1] == ["f32"]) if is_known else rest
            if called in C_LIBRARY or name in C_LIBRARY:
                found.add(called)
            elif not (is_known and name in INSTRUCTIONS):
                raise NotKept(f"it calls {function.name}")
    return found
