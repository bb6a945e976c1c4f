# Descriptors sent over a socket pair and closed stay open in flight, beyond the limit on descriptors; full
# socket buffers hold memory. Both are bounded.
import array, os, socket
a, b = socket.socketpair()
a.setblocking(False)
sent = 0
try:
    for _ in range(20000):
        r, w = os.pipe()
        a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r, w]))])
        os.close(r)
        os.close(w)
        sent += 1
except OSError as e:
    print(e)
pairs, held = [], 0
try:
    while True:
        c, d = socket.socketpair()
        pairs.append((c, d))
        c.setblocking(False)
        try:
            while True: held += c.send(b'x' * 65536)
        except BlockingIOError:
            pass
        try:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 28)
            print('enlarged')
        except OSError:
            pass
except OSError as e:
    print(e)
print(sent, len(pairs), held)
print('OK' if sent < 1000 and len(pairs) < 32 and held < 32 << 20 else 'FAILED')
