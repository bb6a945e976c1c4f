# Opens a file of the host by its handle, the way out of early Docker: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(304, -100, ctypes.create_string_buffer(128), 0)
print('SURVIVED')
