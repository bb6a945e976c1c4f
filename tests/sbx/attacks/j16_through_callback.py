# From a function that the test passes to the test's globals, code, cells and frames: refused, by name and by
# bare request.
def solve(f, x):
    found = []
    peer = type(f).__dict__ and object.__getattribute__(f, '_sbx_peer')
    for name in ('__globals__', '__code__', '__closure__', '__defaults__', '__self__', '__dict__', '__builtins__', 'func_globals', '__wrapped__', '__class__'):
        for ask in (lambda: getattr(f, name), lambda: peer.request('get', f, name)):
            try:
                v = ask()
                if type(v).__name__ != 'type': found.append(name)
            except Exception:
                pass
    return 'reached %s' % found if found else -1
