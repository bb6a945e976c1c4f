# Sparse and preallocated files: none grows beyond the file limit, and what is reserved counts.
import mmap, os
fd = os.open('s', os.O_RDWR | os.O_CREAT)
def refused(f, *a):
    try:
        f(*a)
    except OSError:
        return True
    return False
ok = [refused(os.ftruncate, fd, 1 << 40), refused(os.posix_fallocate, fd, 0, 1 << 30), refused(os.truncate, 's', 1 << 30),
      refused(os.pwrite, fd, b'x', 1 << 33), refused(os.posix_fallocate, fd, 1 << 30, 4096)]
many = 0
try:
    for i in range(100):
        g = os.open('g%d' % i, os.O_RDWR | os.O_CREAT)
        os.posix_fallocate(g, 0, 1 << 20)
        os.close(g)
        many += 1
except OSError:
    pass
used = os.statvfs('.')
print(ok, many, (used.f_blocks - used.f_bfree) * used.f_frsize)
print('OK' if all(ok) and many <= 16 and used.f_blocks * used.f_frsize <= 16 << 20 else 'FAILED')
