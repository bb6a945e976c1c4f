# Makes a setuid program and gives it a capability: the scratch folder runs nothing and carries no privileges.
import os
bad = []
with open('p', 'wb') as f: f.write(b'#!/usr/bin/python3\nprint(1)\n')
os.chmod('p', 0o6755)
for f in (lambda: os.execv('/tmp/p', ['p']), lambda: os.setxattr('p', 'security.capability', b'\1\0\0\2' + b'\xff' * 16),
          lambda: os.chown('p', 0, 0), lambda: os.posix_spawn('/tmp/p', ['p'], {}), lambda: os.setxattr('p', 'user.x', b'1')):
    try:
        f()
        bad.append(1)
    except OSError:
        pass
if not os.statvfs('.').f_flag & os.ST_NOSUID or not os.statvfs('.').f_flag & os.ST_NOEXEC: bad.append('flags')
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
