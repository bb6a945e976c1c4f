# Dumps its initial stack (arguments, environment, auxiliary vector): the environment of the host must not be
# there.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
at = ctypes.c_void_p.in_dll(libc, '__environ').value
r, w = os.pipe()
text = b''
base = ctypes.cast(at, ctypes.POINTER(ctypes.c_void_p))[0] & ~4095
for k in range(-16, 16):
    if libc.write(w, ctypes.c_void_p(base + 4096 * k), 4096) == 4096: text += os.read(r, 4096)
print(os.environ)
for part in text.split(b'\0'):
    if b'=' in part: print(part)
