# Locks memory, asks for huge pages and for populated mappings beyond its limit.
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
FAILED = ctypes.c_void_p(-1).value
buf = ctypes.create_string_buffer(1 << 16)
ok = [libc.mlock(buf, 1 << 16) != 0, libc.mlockall(3) != 0,
      libc.mmap(None, 2 << 30, 3, 0x22 | 0x8000, -1, 0) == FAILED,
      libc.mmap(None, 1 << 20, 3, 0x22 | 0x2000, -1, 0) == FAILED,
      libc.mmap(None, 64 << 20, 3, 0x22 | 0x40000, -1, 0) == FAILED]
print(ok)
print('OK' if all(ok) else 'FAILED')
