# Raises every resource limit, its own, that of pid 1 and of its parent, and its priority.
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
def refused(f, *a):
    try:
        f(*a)
    except (OSError, ValueError):
        return True
    return False
R = resource
ok = [refused(R.setrlimit, k, (R.getrlimit(k)[1] + 1 if R.getrlimit(k)[1] >= 0 else 0, R.RLIM_INFINITY)) for k in
      (R.RLIMIT_CPU, R.RLIMIT_AS, R.RLIMIT_NOFILE, R.RLIMIT_FSIZE, R.RLIMIT_CORE, R.RLIMIT_MEMLOCK, R.RLIMIT_NPROC)]
ok += [refused(R.prlimit, 1, R.RLIMIT_AS), refused(R.prlimit, os.getppid() or 1, R.RLIMIT_CPU, (1, 1)),
       refused(os.nice, -5), refused(os.setpriority, os.PRIO_PROCESS, 0, -20), refused(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1)),
       refused(os.sched_setaffinity, 0, {0}), libc.syscall(251, 1, 0, 0) < 0, libc.syscall(314, 0, ctypes.create_string_buffer(48), 0) < 0]
print(ok)
print('OK' if all(ok) else 'FAILED')
