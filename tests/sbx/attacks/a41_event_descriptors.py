# epoll sets within epoll sets, event descriptors, futexes; inotify, fanotify and asynchronous I/O contexts are
# refused.
import ctypes, os, select
libc = ctypes.CDLL(None, use_errno=True)
sets = [select.epoll()]
try:
    for _ in range(40):
        e = select.epoll()
        e.register(sets[-1].fileno(), select.EPOLLIN)
        sets.append(e)
except OSError as err:
    print(err)
try:
    sets[0].register(sets[-1].fileno(), select.EPOLLIN)
    print('a loop was taken')
except OSError as err:
    print(err)
sets[-1].poll(0)
word = ctypes.c_int(0)
libc.syscall(202, ctypes.byref(word), 0, 0, (ctypes.c_long * 2)(0, 1000000), None, 0)
refused = [libc.syscall(nr, *a) < 0 for nr, a in
           ((253, ()), (294, (0,)), (300, (0, 0)), (206, (8, ctypes.byref(ctypes.c_long(0)))), (289, (-1, ctypes.create_string_buffer(8), 8, 0)))]
print(len(sets), refused)
print('OK' if all(refused) else 'FAILED')
