"""Pickles what LocalStack and moto keep in memory, in one piece, so that what they share stays shared."""

import importlib
import io
import marshal
import pickle
import threading
import types
import weakref
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

Name = tuple[str, ...]
"""What stands for an object that the next process makes by itself."""

_PRIVATE = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)
_PUBLIC = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)
_LOCKS = {type(threading.Lock()): threading.Lock, type(threading.RLock()): threading.RLock}


def dumps(value: Any, names: Mapping[int, Name]) -> bytes:
    """Pickle a value.

    Args:
        value: What to pickle; nothing in it may be copied from elsewhere meanwhile.
        names: `id` of an object -> the name written in its place.

    Raises:
        pickle.PicklingError: Something in it cannot be pickled; so do TypeError and AttributeError.
        RuntimeError: It changed meanwhile; another try may work.
    """
    stream = io.BytesIO()
    _Pickler(stream, names).dump(value)
    return stream.getvalue()


def loads(data: bytes, find: Callable[[Name], Any]) -> Any:
    """Read a pickled value.

    Args:
        data: What `dumps` returned.
        find: Name -> the object it stands for.
    """
    return _Unpickler(io.BytesIO(data), find).load()


def constant(kind: type, fingerprint: Callable[[Any], Hashable]) -> None:
    """Pickle each object of a class once, because there are many, they share nothing and hardly ever change.

    Args:
        kind: The class, whose objects have a `__dict__`.
        fingerprint: What changes when an object does.
    """
    _fingerprints[kind] = fingerprint


_fingerprints: dict[type, Callable[[Any], Hashable]] = {}
_pickled: weakref.WeakKeyDictionary[Any, tuple[Hashable, bytes]] = weakref.WeakKeyDictionary()


def _once(value: Any) -> bytes:
    fingerprint = _fingerprints[type(value)](value)
    known, data = _pickled.get(value, (None, b""))
    if not data or known != fingerprint:
        data = pickle.dumps(vars(value), protocol=5)
        _pickled[value] = (fingerprint, data)
    return data


def _from_once(kind: Any, data: bytes) -> Any:
    value = kind.__new__(kind)
    vars(value).update(pickle.loads(data))  # noqa: S301 - our own file
    return value


class _Pickler(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, names: Mapping[int, Name]) -> None:
        super().__init__(stream, protocol=5)
        self._names = names

    def persistent_id(self, value: Any) -> Name | None:
        return self._names.get(id(value))

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind in _fingerprints:
            return _from_once, (kind, _once(value))
        if kind in _LOCKS:
            return _LOCKS[kind], ()
        if kind is types.FunctionType:
            return _function_reduced(value)
        if kind is types.ModuleType:
            return importlib.import_module, (value.__name__,)
        if isinstance(value, weakref.ref):
            return _weak, (value(),)
        if isinstance(value, threading.Thread):
            return _nothing, ()
        if isinstance(value, defaultdict) and kind is not defaultdict:
            # A subclass may want other arguments than defaultdict's.
            state = (value.__dict__, {"default_factory": value.default_factory})
            return _empty, (kind,), state, None, iter(dict(value).items())
        if kind.__module__.startswith("cryptography."):
            return _cryptographic(value)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, find: Callable[[Name], Any]) -> None:
        super().__init__(stream)
        self._find = find

    def persistent_load(self, name: Any) -> Any:
        return self._find(tuple(name))


def _function_reduced(function: types.FunctionType) -> Any:
    """A function that was made inside another one has no name to be found by: its code is written down."""
    if "<l" not in function.__qualname__:  # <lambda> and <locals>
        return NotImplemented
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    code = marshal.dumps(function.__code__)
    return _function, (code, function.__module__, function.__name__, function.__defaults__, cells)


def _function(code: bytes, module: str, name: str, defaults: tuple[Any, ...] | None, cells: Any) -> Any:
    scope = importlib.import_module(module).__dict__
    closure = tuple(types.CellType(value) for value in cells)
    return types.FunctionType(marshal.loads(code), scope, name, defaults, closure)  # noqa: S302 - our own file


def _weak(value: Any) -> Any:
    return weakref.ref(value) if value is not None else _nothing


def _nothing() -> None:
    return None


def _empty(kind: Any) -> Any:
    return kind.__new__(kind)


def _cryptographic(value: Any) -> Any:
    encoding, no_password = serialization.Encoding.DER, serialization.NoEncryption()
    if isinstance(value, _PRIVATE):
        return _private, (value.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password),)
    if isinstance(value, _PUBLIC):
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return _public, (value.public_bytes(encoding, kind),)
    if isinstance(value, x509.Certificate):
        return _certificate, (value.public_bytes(encoding),)
    return NotImplemented


# The functions of cryptography itself cannot be pickled: they say that they are of another module.
def _public(data: bytes) -> Any:
    return serialization.load_der_public_key(data)


def _certificate(data: bytes) -> Any:
    return x509.load_der_x509_certificate(data)


def _private(data: bytes) -> Any:
    return serialization.load_der_private_key(data, password=None)
