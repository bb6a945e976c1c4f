# Machine code with int 0x80: the i386 table has other numbers (there 11 is execve). Killed for the ABI alone.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

import mmap
m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
m.write(b'\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3')  # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
at = ctypes.addressof(ctypes.c_char.from_buffer(m))
ctypes.CFUNCTYPE(ctypes.c_int)(at)()
print('SURVIVED')
