# A storm of timer signals and many timer descriptors; kernel timers beyond that (timer_create) are refused.
import ctypes, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)
n = 0
def tick(*_):
    global n
    n += 1
signal.signal(signal.SIGALRM, tick)
signal.signal(signal.SIGVTALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
signal.setitimer(signal.ITIMER_VIRTUAL, 1e-4, 1e-4)
end = time.monotonic() + 0.1
while time.monotonic() < end: pass
signal.setitimer(signal.ITIMER_REAL, 0)
signal.setitimer(signal.ITIMER_VIRTUAL, 0)
made, fd = 0, 0
while made < 1000 and libc.timerfd_create(1, 0) >= 0: made += 1
buf = ctypes.create_string_buffer(64)
created = libc.syscall(222, 1, None, buf)
print(n, made, created)
print('OK' if n > 10 and made < 64 and created < 0 else 'FAILED')
