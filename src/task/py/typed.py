import json as _pgr_json
import sys as _pgr_sys


def _pgr_untype(o):
    """An object of typed JSON to the value that it stands for."""
    if len(o) == 1:
        (k, v), = o.items()
        if k == '__tuple__':
            return tuple(v)
        if k == '__set__':
            return set(v)
        if k == '__frozenset__':
            return frozenset(v)
        if k == '__dict__':
            return dict(v)
        if k == '__bytes__':
            return bytes.fromhex(v)
        if k == '__int__':
            return int(v)
        if k == '__float__':
            return float.fromhex(v) if type(v) is str else float(v)
        if k == '__complex__':
            return complex(*v)
    return o


def _pgr_load(text):
    if hasattr(_pgr_sys, 'set_int_max_str_digits'):
        _pgr_sys.set_int_max_str_digits(0)
    return _pgr_json.loads(text, object_hook=_pgr_untype)
