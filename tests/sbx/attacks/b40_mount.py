# Mounts a file system over its scratch folder: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(165, b'none', b'/tmp', b'tmpfs', 0, 0)
print('SURVIVED')
