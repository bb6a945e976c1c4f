# Terminal and descriptor ioctls on all its descriptors, also with rubbish in the upper half of the number: only
# five harmless ones pass.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
buf = ctypes.create_string_buffer(b'x' * 64)
bad = []
for fd in (0, 1, 2, 3, os.open('/dev/null', os.O_RDWR)):
    for request in (0x5412, 0x541c, 0x5402, 0x540e, 0x5410, 0x5414, 0x5422, 0x5423, 0x8901, 0x8902, 0x5452, 0x8924, 0x40046601, 0x6609, 0x4020940d, 0x5460):
        for wrapped in (request, request | 1 << 32, request | 0xffffffff << 32):
            if libc.syscall(16, fd, ctypes.c_ulong(wrapped), buf) >= 0: bad.append((fd, hex(wrapped)))
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
