# Kernel keyrings are shared by user, not by container (isolate 2.4): killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(248, b'user', b'note', b'from run one', 12, -4)
print('SURVIVED')
