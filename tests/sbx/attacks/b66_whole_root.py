# Walks everything it can see: no file can be written outside the scratch folder, none is setuid, no device but
# null, zero and urandom, no socket, no /proc, no home, no key.
import os, stat
bad, seen, devices = [], 0, set()
for folder, names, files in os.walk('/', onerror=lambda e: None):
    if folder == '/tmp' or folder.startswith('/tmp/'): continue
    seen += 1
    try:
        fd = os.open(folder + '/probe', os.O_CREAT | os.O_WRONLY)
        bad.append('made a file in ' + folder)
        os.close(fd)
    except OSError:
        pass
    for n in files:
        path = folder.rstrip('/') + '/' + n
        try:
            st = os.lstat(path)
        except OSError:
            continue
        if stat.S_ISCHR(st.st_mode): devices.add(path)
        elif stat.S_ISBLK(st.st_mode) or stat.S_ISSOCK(st.st_mode) or stat.S_ISFIFO(st.st_mode): bad.append(path)
        if seen < 200 and stat.S_ISREG(st.st_mode):
            try:
                os.close(os.open(path, os.O_WRONLY))
                bad.append('opened ' + path)
            except OSError:
                pass
if not devices <= {'/dev/null', '/dev/zero', '/dev/urandom'}: bad.append(devices)
for path in ('/proc', '/sys', '/root', '/home', '/etc/passwd', '/etc/shadow', '/var', '/run', '/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern',
             '/proc/self/mem', '/proc/1/environ', '/dev/shm', '/dev/kmsg', '/dev/mem', '/dev/tty', '/dev/ptmx', '/dev/fuse', '/dev/kvm', '/old'):
    if os.path.exists(path): bad.append(path)
print(bad or (seen, devices))
print('FAILED' if bad or seen < 5 else 'OK')
