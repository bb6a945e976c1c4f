# Channels between runs and cells: locks on shared files, leases, page-cache residency (mincore, cachestat),
# file times, hints of the network namespace.
import ctypes, fcntl, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
bad = []
lib = os.__file__
fd = os.open(lib, os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
for op, arg in ((1024, fcntl.F_WRLCK), (1024, fcntl.F_RDLCK), (1026, 0x3f)):
    try:
        fcntl.fcntl(fd, op, arg)
        bad.append(op)
    except OSError:
        pass
page = ctypes.create_string_buffer(8192)
if libc.syscall(27, ctypes.c_void_p((ctypes.addressof(page) + 4095) & ~4095), 4096, ctypes.create_string_buffer(8)) >= 0: bad.append('mincore')
if libc.syscall(451, fd, page, page, 0) >= 0: bad.append('cachestat')
try:
    os.utime(lib)
    bad.append('utime')
except OSError:
    pass
before = os.stat(lib).st_atime_ns
os.read(fd, 100)
if os.stat(lib).st_atime_ns != before: bad.append('access time')
try:
    socket.if_nameindex()
    bad.append('interfaces')
except OSError:
    pass
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
