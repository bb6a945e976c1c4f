# Climbs out of the root by .., by descriptors of folders and by /proc links: the root is all there is.
import os
top = sorted(os.listdir('/'))
fd = os.open('/', os.O_RDONLY | os.O_DIRECTORY)
seen = [sorted(os.listdir('/' + '../' * 40)), sorted(os.listdir(os.open('../' * 40, os.O_RDONLY, dir_fd=fd)))]
os.chdir('/')
os.fchdir(fd)
os.chdir('..')
seen.append(sorted(os.listdir('.')))
bad = [s for s in seen if s != top]
for p in ('/proc/1/root', '/proc/self/cwd/..', '/dev/fd/3/..', '/old', '/.old', '/mnt', '/sbx/..' * 1 + '/etc/passwd'):
    if os.path.exists(p) and p != '/sbx/..': bad.append(p)
print(top, bad)
print('FAILED' if bad or not {'tmp', 'dev', 'sbx'} <= set(top) else 'OK')
