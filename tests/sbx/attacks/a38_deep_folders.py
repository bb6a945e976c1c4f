# Folders nested as deep as they go, names of 255 odd bytes and a working folder at the bottom: cleaned away
# without anybody walking them.
import os
depth = 0
try:
    while depth < 5000:
        name = b'\n\xff-rf ' + b'd' * 248 if depth % 2 else b'd'
        os.mkdir(name)
        os.chdir(name)
        depth += 1
except OSError as e:
    print(e)
try:
    os.mkdir(b'n' * 256)
    print('FAILED')
except OSError:
    pass
try:
    print(len(os.getcwd()))
except OSError as e:
    print(e)
print(depth)
print('OK' if 100 < depth < 256 else 'FAILED')
