# Memory in pipe buffers: as many pipes as descriptors allow, none enlarged (F_SETPIPE_SZ), so 2 MiB in all.
import fcntl, os
total, pipes = 0, []
try:
    while True:
        r, w = os.pipe()
        pipes.append(w)
        try:
            fcntl.fcntl(w, 1031, 1 << 20)
            print('enlarged')
        except OSError:
            pass
        os.set_blocking(w, False)
        try:
            while True: total += os.write(w, b'x' * 65536)
        except BlockingIOError:
            pass
except OSError as e:
    print(e)
print(len(pipes), total)
print('OK' if 20 < len(pipes) < 32 and total <= 32 * 65536 else 'FAILED')
