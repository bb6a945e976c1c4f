"""As much of pytest as tests of functions use, for interpreters that do not have it: raises, approx, fail, skip,
mark.parametrize."""
import math
import re
import types


class Raises:
    def __init__(self, expected, match=None):
        self.expected, self.match, self.value = expected, match, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, tb):
        if error is None:
            raise AssertionError('DID NOT RAISE %s' % (self.expected,))
        if not isinstance(error, self.expected):
            return False
        if self.match is not None and not re.search(self.match, str(error)):
            raise AssertionError('%r does not match %r' % (str(error), self.match))
        self.value, self.type = error, kind
        return True


class Approx:
    """Equal within max(rel * |expected|, abs), as pytest compares; containers element by element."""

    def __init__(self, expected, rel=None, abs=None):
        self.expected, self.rel, self.abs = expected, 1e-6 if rel is None else rel, 1e-12 if abs is None else abs

    def same(self, got, want):
        if isinstance(want, dict):
            return isinstance(got, dict) and got.keys() == want.keys() and all(self.same(got[k], want[k]) for k in want)
        if isinstance(want, (list, tuple)):
            return isinstance(got, (list, tuple)) and len(got) == len(want) and all(map(self.same, got, want))
        if isinstance(want, (int, float)) and isinstance(got, (int, float)) and math.isfinite(want):
            return math.isfinite(got) and abs(got - want) <= max(self.rel * abs(want), self.abs)
        return got == want

    def __eq__(self, got):
        return self.same(got, self.expected)

    def __repr__(self):
        return 'approx(%r)' % (self.expected,)

    __hash__ = None


def raises(expected, *args, match=None, **kwargs):
    context = Raises(expected, match)
    if not args:
        return context
    with context:
        args[0](*args[1:], **kwargs)
    return context


class Skipped(Exception):
    pass


def fail(reason='', pytrace=True):
    raise AssertionError(reason)


def skip(reason='', **_):
    raise Skipped(reason)


def parametrize(names, values, **_):
    names = [n.strip() for n in names.split(',')] if isinstance(names, str) else list(names)

    def mark(f):
        rows = [dict(zip(names, v if len(names) > 1 else (v,))) for v in values]
        f._sbx_rows = [dict(a, **b) for a in getattr(f, '_sbx_rows', [{}]) for b in rows]
        return f
    return mark


class Marks:
    parametrize = staticmethod(parametrize)

    def __getattr__(self, name):
        def mark(*args, **_):
            return args[0] if len(args) == 1 and callable(args[0]) else lambda f: f
        return mark


def pytest_lookalike():
    module = types.ModuleType('pytest')
    module.__dict__.update(raises=raises, approx=Approx, fail=fail, skip=skip, mark=Marks(), param=lambda *v, **_: v)
    return module
