# process_vm_writev into its parent: killed.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
import os
b = ctypes.create_string_buffer(64)
libc.syscall(311, os.getppid(), b, 1, b, 1, 0)
print('SURVIVED')
