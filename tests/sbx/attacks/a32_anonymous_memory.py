# Memory by private and shared anonymous mappings, by mremap and by brk: all of it counts towards one limit of 1
# GiB.
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_ssize_t
keep, mib = [], 0
for flags in (mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS):
    for size in (64, 8, 1):
        try:
            while mib < 4096:
                keep.append(mmap.mmap(-1, size << 20, flags))
                mib += size
        except OSError:
            pass
keep[0][::4096] = bytes(len(keep[0]) // 4096)
grown = 0
try:
    keep[0].resize(len(keep[0]) + (64 << 20))
    grown += 64
except (OSError, ValueError, SystemError):
    pass
while grown < 1000 and libc.sbrk(1 << 20) != -1: grown += 1
print(mib, grown)
print('OK' if 200 < mib + grown < 1024 else 'FAILED')
