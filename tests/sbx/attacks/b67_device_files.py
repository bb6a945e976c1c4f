# Device files are the host's own inodes: their mode, times and contents must not change by a run. New ones
# cannot be made.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)

bad = []
def refused(name, nr, *args):
    if libc.syscall(nr, *args) >= 0: bad.append(name)

import fcntl, os, stat
before = [os.stat('/dev/' + d) for d in ('null', 'zero', 'urandom')]
def call(name, f, *a):
    try:
        f(*a)
        bad.append(name)
    except OSError:
        pass
for d in ('null', 'zero', 'urandom'):
    p = '/dev/' + d
    call('chmod', os.chmod, p, 0)
    call('utime', os.utime, p)
    call('utime', os.utime, p, (1, 1))
    call('chown', os.chown, p, os.getuid(), -1)
    call('unlink', os.unlink, p)
    call('rename', os.rename, p, '/dev/x')
fd = os.open('/dev/urandom', os.O_RDONLY)
for request in (0x40085203, 0x5204, 0x5206, 0x5207):
    call('ioctl', fcntl.ioctl, fd, request, b'\0' * 64)
for mode in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
    call('mknod', os.mknod, 'n%d' % mode, mode | 0o666, os.makedev(1, 1))
call('mkfifo', os.mkfifo, 'fifo')
open('/dev/null', 'w').write('x')
os.read(fd, 8)
after = [os.stat('/dev/' + d) for d in ('null', 'zero', 'urandom')]
for a, b in zip(before, after):
    if (a.st_mode, a.st_mtime_ns, a.st_ctime_ns, a.st_uid) != (b.st_mode, b.st_mtime_ns, b.st_ctime_ns, b.st_uid): bad.append('changed')
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
