# Destructors, weak reference callbacks and finalizers that run between answers and send answers of their own.
import os, weakref
class D:
    def __del__(self):
        print('late', flush=True)
        os.write(3, b'a1;0;i0;')
        os.write(3, b'a7:0;i5;')
class V(list): pass
def solve(a, b):
    d, v = D(), V()
    weakref.finalize(v, os.write, 3, b'a4:1;i0;')
    weakref.ref(v, lambda r: os._exit(0))
    return 0
