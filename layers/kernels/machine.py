"""The processor that object code is made for and run on, by llvmlite alone."""

import ctypes
import os
import threading
from functools import cache
from hashlib import sha256
from typing import Any

import llvmlite
import llvmlite.binding as llvm

_loading = threading.Lock()


@cache
def name() -> str:
    """A word for all that object code depends on: processor, its features, system, and version of LLVM."""
    made_for = llvm.get_process_triple(), *_processor(), llvmlite.__version__, *llvm.llvm_version_info
    return sha256(" ".join(map(str, made_for)).encode()).hexdigest()[:16]


def _processor() -> tuple[str, str]:
    """Name and features of the processor."""
    try:
        features = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM does not know them here
        features = ""
    return llvm.get_host_cpu_name(), features


def target() -> Any:
    """LLVM's machine for code that is loaded anywhere into this process, as numba's own: a fresh one."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = _processor()
    here = llvm.Target.from_triple(llvm.get_process_triple())
    reloc = "static" if here.name.startswith("x86") else "default"
    return here.create_target_machine(
        cpu=cpu, features=features, opt=3, reloc=reloc, codemodel="jitdefault", jit=True
    )


@cache
def _engine() -> Any:
    """What holds all loaded code, as long as the process lives."""
    nothing = llvm.parse_assembly(f'target triple = "{llvm.get_process_triple()}"')
    return llvm.create_mcjit_compiler(nothing, target())


def has_symbol(symbol: str) -> bool:
    """Whether loaded code can call a function of the C library: what is missing would end the process.

    On Windows several C libraries may be loaded; Python's own is taken, as numba does.
    """
    _engine()  # opens this process for the search
    if llvm.address_of_symbol(symbol):
        return True
    if os.name != "nt":
        return False
    function = getattr(ctypes.CDLL("ucrtbase"), symbol, None)
    if function is not None:
        llvm.add_symbol(symbol, ctypes.cast(function, ctypes.c_void_p).value)
    return function is not None


def loaded(code: bytes, symbols: list[str]) -> list[int]:
    """Load object code; returns where the functions of these names begin. All of them must be there."""
    with _loading:
        _engine().add_object_file(llvm.ObjectFileRef.from_data(code))
        _engine().finalize_object()
        return [_engine().get_function_address(symbol) for symbol in symbols]
