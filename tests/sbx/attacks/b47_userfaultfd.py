# userfaultfd, which makes kernel races easy to win: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(323, 0)
print('SURVIVED')
