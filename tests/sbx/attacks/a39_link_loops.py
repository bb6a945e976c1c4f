# Loops of symbolic links, links out of the scratch folder and hard links to files that are not the program's:
# none gives write access.
import os
def refused(f, *a):
    try:
        f(*a)
    except OSError:
        return True
    return False
for i in range(50): os.symlink('l%d' % ((i + 1) % 50), 'l%d' % i)
os.symlink('.', 'here')
os.symlink('/sbx/player.py', 'player')
os.symlink('/', 'root')
os.symlink('/proc/self/fd/3', 'frames')
ok = [refused(open, 'l0'), refused(open, 'player', 'w'), refused(open, 'player', 'a'), refused(open, 'root/x', 'w'),
      refused(os.truncate, 'player', 0), refused(os.chmod, 'player', 0o777), refused(os.link, '/sbx/player.py', 'hard'),
      refused(os.rename, '/sbx/player.py', 'moved'), refused(os.unlink, '/sbx/player.py'), refused(open, 'frames', 'w'),
      refused(open, '/'.join(['here'] * 41) + '/l0'), refused(os.rmdir, '/tmp'), refused(os.rename, '/tmp', '/tmp2')]
print(ok)
print('OK' if all(ok) else 'FAILED')
