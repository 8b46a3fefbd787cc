"""Compiling kernels, and the few machine instructions that numba does not offer by itself."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.caching import FunctionCache
from numba.extending import intrinsic
from numpy.typing import NDArray

from checks.text.sealed import cleaned, seal

F = TypeVar("F", bound=Callable[..., Any])
Arrays = TypeVar("Arrays", bound=tuple[Any, ...])
Int = int | np.int64
Hash = np.uint64
Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]

if sys.byteorder != "little":  # the kernels read eight characters as one little-endian number
    raise ImportError("the text kernels need a little-endian machine (x86-64 or ARM64)")

uncached: list[str] = []
"""Kernels that could not be kept on disk, as no cache folder is writable or the disk is full; they compile in every run."""


def _load_without_scipy() -> None:
    """Load numba's functions on arrays without the linear algebra of SciPy, for which they look first.

    That takes a quarter of a CPU second, which is half of a small audit. No kernel of ours needs it, and kernels of others
    get it as ever. numba 0.61 to 0.68 look in this way; where another one does not, its functions load as they do.
    """
    linalg: Any = import_module("numba.np.linalg")
    look = getattr(linalg, "ensure_blas", None)
    if look is None or "numba.np.arraymath" in sys.modules or find_spec("scipy") is None:
        return
    linalg.ensure_blas = lambda: None
    try:
        arrays: Any = import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = look
    arrays.ensure_blas = look


_load_without_scipy()


def kernel(function: F) -> F:
    """Compile `function` on first use and keep the machine code on disk where a folder is writable."""
    given = _NUMBA.CACHE_DIR
    _NUMBA.CACHE_DIR = given or _folder(Path(function.__code__.co_filename).parent)
    try:
        return _compiled(function, cache=True)
    except RuntimeError:  # numba finds no place for its cache: read-only install and home
        uncached.append(function.__name__)
        return _compiled(function, cache=False)
    finally:
        _NUMBA.CACHE_DIR = given


@cache
def _folder(package: Path) -> str:
    """A folder for the machine code of just these sources: those of a package and of this one, whose parts it may use.

    numba only notices changes of the file a kernel stands in; a kernel also holds the parts that it calls from other
    files, so the name of the folder depends on all of them.
    """
    folders = sorted({package, Path(__file__).parent})
    stamps = [
        (source.name, source.stat().st_size, source.stat().st_mtime_ns)
        for folder in folders
        for source in sorted(folder.glob("*.py"))
    ]
    name = hashlib.sha256(repr(stamps).encode()).hexdigest()[:16]
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / (
        "Library/Caches" if sys.platform == "darwin" else ".cache"
    )
    folder = Path(os.environ.get("AUDITOR_CACHE_DIR") or Path(home) / "auditor") / "kernels" / name
    cleaned(folder)
    _folders.append(folder)
    return str(folder)


_folders: list[Path] = []
_NUMBA: Any = numba.config  # its settings are made at run time


def _machine_code(function: Callable[..., Any]) -> Any:
    """numba's cache on disk for a kernel; what cannot be written there is compiled again in the next run.

    Raises:
        RuntimeError: there is no folder for it.
    """
    kept: Any = cast(Any, FunctionCache)(function)
    save = kept.save_overload

    def save_and_seal(signature: object, code: object) -> None:
        try:
            save(signature, code)
        except OSError:
            uncached.append(function.__name__)
        for folder in _folders:  # from now on other processes trust it
            seal(folder)

    kept.save_overload = save_and_seal
    return kept


def part(function: F) -> F:
    """Compile `function` as a small part of the kernels that call it, whose machine code then holds it."""
    return _compiled(function, cache=False)


def frozen(arrays: Arrays) -> Arrays:
    """The same arrays, read-only from now on, as arrays are that were mapped: one compiled kernel serves both."""
    for array in arrays:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return arrays


def _compiled(function: F, *, cache: bool) -> F:
    compiled: Any = numba.njit(function, nogil=True, boundscheck=False, error_model="numpy")
    if cache:
        compiled._cache = _machine_code(function)  # as `cache=True` does with a `FunctionCache`
    return cast(F, compiled)


def pointer(context: Any, builder: Any, signature: Any, args: Any, kind: Any, which: int = 0) -> Any:
    """While a kernel is compiled: where a value of a kind lies at the index behind the array that is argument `which`."""
    array = context.make_array(signature.args[which])(context, builder, args[which])
    return builder.bitcast(builder.gep(array.data, [args[which + 1]]), kind.as_pointer())


def _load8(_context: Any, array: Any, _index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(pointer(context, builder, signature, args, ir.IntType(64)), align=1)

    return types.uint64(array, types.intp), generate


def _store8(_context: Any, array: Any, _index: Any, _value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], pointer(context, builder, signature, args, ir.IntType(64)), align=1)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64), generate


def _lowest_bit(_context: Any, _value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


def _high_product(_context: Any, _one: Any, _two: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


def _fetch(_context: Any, array: Any, _index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = pointer(context, builder, signature, args, ir.IntType(8))
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        call = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(call, [place, *(number(value) for value in (0, 3, 1))])  # to read, soon and often, data
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


def _number_at(_context: Any, _address: Any, _index: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        start = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.load(builder.gep(start, [args[1]]))

    return types.int64(types.int64, types.int64), generate


def _byte_at(_context: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.IntType(8).as_pointer()))

    return types.uint8(types.int64), generate


def _copy_in(_context: Any, array: Any, _index: Any, _address: Any, _count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.bitcast(builder.gep(made.data, [args[1]]), ir.IntType(8).as_pointer())
        source = builder.inttoptr(args[2], ir.IntType(8).as_pointer())
        copy: Any = cgutils.raw_memcpy
        copy(builder, place, source, args[3], 1)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64, types.int64), generate


load8 = cast("Callable[[Bytes, Int], Hash]", intrinsic(_load8))
"""Eight bytes of an array from any index, as one number. The caller keeps inside the array."""
store8 = cast("Callable[[Bytes, Int, Hash], None]", intrinsic(_store8))
"""Write one number as eight bytes of an array at any index. The caller keeps inside the array."""
lowest_bit = cast("Callable[[Hash], Hash]", intrinsic(_lowest_bit))
"""Index of the lowest set bit of a number that is not 0."""
high_product = cast("Callable[[Hash, Hash], Hash]", intrinsic(_high_product))
"""The upper 64 of the 128 bits of a product."""
fetch = cast("Callable[[NDArray[Any], Int], None]", intrinsic(_fetch))
"""Let the processor load what stands at an index of an array (counted flat) into its cache, without waiting for it."""
number_at = cast("Callable[[Int, Int], np.int64]", intrinsic(_number_at))
"""The int64 with this index in the memory that begins at an address, which somebody keeps alive."""
byte_at = cast("Callable[[Int], np.uint8]", intrinsic(_byte_at))
"""The byte at an address, which somebody keeps alive."""
copy_in = cast("Callable[[Bytes, Int, Int, Int], None]", intrinsic(_copy_in))
"""Copy so many bytes from an address, which somebody keeps alive, to an index of an array of bytes."""
