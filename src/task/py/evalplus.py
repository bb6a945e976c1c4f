import copy as _pgr_copy
import math as _pgr_math

# EvalPlus: the problems whose results are compared as sets, or only as None or not None.
_PGR_SETS = {'similar_elements', 'find_char_long', 'common_in_nested_lists', 'extract_singly', 'larg_nnum',
             'intersection_array', 'find_dissimilar', 'Diff'}
_PGR_NOT_NONE = {'check_str', 'text_match_three', 'text_starta_endb'}


def _pgr_is_floats(x):
    if isinstance(x, float):
        return True
    return isinstance(x, (list, tuple)) and len(x) > 0 and all(isinstance(i, float) for i in x)


def _pgr_shape(x):
    """Shape of a rectangular nest of lists and tuples of numbers; an exception for anything else."""
    if isinstance(x, (list, tuple)):
        shapes = [_pgr_shape(i) for i in x]
        if any(s != shapes[0] for s in shapes):
            raise ValueError('not rectangular')
        return (len(x),) + (shapes[0] if shapes else ())
    if not isinstance(x, (bool, int, float, complex)) or isinstance(x, int) and not -2**63 <= x < 2**64:
        raise TypeError('not a number')
    return ()


def _pgr_close(a, b, rtol, atol):
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        a = a if isinstance(a, (list, tuple)) else [a] * len(b)
        b = b if isinstance(b, (list, tuple)) else [b] * len(a)
        return all(_pgr_close(i, j, rtol, atol) for i, j in zip(a, b))
    if isinstance(a, complex) or isinstance(b, complex):
        return abs(a - b) <= atol + rtol * abs(b)
    a, b = float(a), float(b)
    if _pgr_math.isfinite(b):
        return abs(a - b) <= atol + rtol * abs(b)
    return a == b


def _pgr_allclose(a, b, rtol, atol):
    """numpy.allclose for nests of numbers. Arrays from numpy itself are compared by it."""
    np = _pgr_sys.modules.get('numpy')
    if np is not None:
        return bool(np.allclose(a, b, rtol=rtol, atol=atol))
    if _pgr_shape(a) != _pgr_shape(b):
        raise ValueError('shapes differ')
    return _pgr_close(a, b, rtol, atol)


def _pgr_surface(base_edge, height):
    slant = _pgr_math.sqrt((base_edge / 2) ** 2 + height ** 2)
    return round(base_edge ** 2 + 4 * (base_edge * slant) / 2)


def _pgr_digits(a, b):
    a, b = str(a), str(b)
    n = max(len(a), len(b))
    return sum(abs(int(x) - int(y)) for x, y in zip(a.zfill(n), b.zfill(n)))


def _pgr_same(name, mbpp, inp, out, exp, atol):
    """Whether a result counts; exp is the reference's."""
    exact = out == exp
    if mbpp:
        if name == 'are_equivalent':
            exact = True
        elif name == 'sum_div':
            exact = exact or out == 0
        elif name == 'surface_Area':
            exact = exact or abs(out - _pgr_surface(*inp)) <= atol
        elif name == 'digit_distance_nums':
            exact = exact or out == _pgr_digits(*inp)
        elif name in _PGR_SETS:
            exact = set(out) == set(exp)
        elif name in _PGR_NOT_NONE:
            exact = out == exp if isinstance(out, bool) else exp == (out is not None)
    elif name == 'find_zero':
        return abs(sum(c * _pgr_math.pow(out, i) for i, c in enumerate(inp[0]))) <= atol
    if not exact and atol != 0:
        if type(out) is not type(exp) or isinstance(exp, (list, tuple)) and len(out) != len(exp):
            return False
        return _pgr_allclose(out, exp, 1e-7, atol)
    return bool(exact)


_PGR_USE_INPUT = {'find_zero', 'surface_Area', 'digit_distance_nums'}  # as the program leaves it


def _pgr_results(name, f, inputs):
    """What a function of another process returns for each input, many at a time; None if it is to be called for each."""
    peer = getattr(f, '_sbx_peer', None)
    if type(peer).__name__ == 'JudgePeer' and name not in _PGR_USE_INPUT:
        return peer.map(f, inputs)
    return None


def _pgr_evalplus(name, f, reference, inputs, atol):
    mbpp = name.startswith('mbpp:')
    name = name.partition(':')[2]
    ns = {}
    eval(compile(reference, 'reference.py', 'exec'), ns)
    expected = ns[name]
    inputs = _pgr_load(inputs)
    results = _pgr_results(name, f, inputs)
    for i, inp in enumerate(inputs):
        exp = expected(*_pgr_copy.deepcopy(inp))
        if mbpp and name in _PGR_NOT_NONE:
            exp = exp is not None
        try:
            out = f(*inp) if results is None else next(results)
        except BaseException as e:
            e.args = ('input %d: %s' % (i, e),)
            raise
        if atol == 0 and _pgr_is_floats(exp) and not (name == 'find_zero' and not mbpp):
            atol = 1e-6
        assert _pgr_same(name, mbpp, inp, out, exp, atol), 'input %d: a wrong result' % i
