# Fills the scratch folder by large files, by many files and by one beyond the file limit: 16 MiB and 256 files
# in all, and space returns when files go.
import errno, os
why = set()
def fill(name, chunk, most):
    n = 0
    try:
        with open(name, 'wb', buffering=0) as f:
            while n < most: n += f.write(chunk)
    except OSError as e:
        why.add(e.errno)
    return n
total = sum(fill('f%d' % i, b'x' * 65536, 12 << 20) for i in range(8))
for i in range(8): os.unlink('f%d' % i)
again = fill('again', b'y' * 65536, 8 << 20)
os.unlink('again')
made = 0
try:
    while made < 5000:
        open('e%d' % made, 'w').close()
        made += 1
except OSError as e:
    why.add(e.errno)
print(total, again, made, why)
print('OK' if 12 << 20 < total <= 16 << 20 and again == 8 << 20 and 200 < made < 256 and errno.ENOSPC in why else 'FAILED')
