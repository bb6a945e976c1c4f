# Calls of a function as LiveCodeBench and APPS make them: arguments and results are JSON, results compare by ==.
def _pgr_callable(name, solution_class):
    """The method of one Solution object for all calls, or a plain function."""
    try:
        o = solution_class()
    except NameError:
        return None
    return getattr(o, name)


def _pgr_call(f, args, expected, unwrap):
    args, expected = _pgr_load(args), _pgr_load(expected)
    got = f(*args)
    if isinstance(got, tuple):
        got = list(got)
    if got == expected:
        return
    if unwrap:
        if isinstance(got, list) and got and isinstance(got[0], tuple):
            got = [list(i) if isinstance(i, tuple) else i for i in got]
        if got == expected or isinstance(expected, list) and expected and got == expected[0]:
            return
    raise AssertionError('got %.200r, expected %.200r' % (got, expected))
