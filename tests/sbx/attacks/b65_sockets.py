# Sockets of every family and type, and a datagram socket pair, whose ends can send to any address: refused. The
# stream pair that asyncio needs sends to its other end only.
import socket
bad = []
for family in range(-1, 50):
    for kind in (1, 2, 3, 4, 5, 10):
        try:
            socket.socket(family, kind)
            bad.append((family, kind))
        except OSError:
            pass
for kind in (2, 3, 4, 5, 10):
    try:
        a, b = socket.socketpair(socket.AF_UNIX, kind)
        bad.append(('pair', kind))
    except OSError:
        pass
a, b = socket.socketpair()
for address in ('\0pgrpo-probe', '/dev/log', '/run/systemd/journal/socket'):
    for send in (lambda: a.sendto(b'x', address), lambda: a.sendmsg([b'x'], [], 0, address), lambda: a.connect(address),
                 lambda: a.bind(address), lambda: a.listen()):
        try:
            send()
            bad.append(address)
        except OSError:
            pass
a.send(b'hello')
if b.recv(5) != b'hello': bad.append('pair')
print(bad or 'all refused')
print('FAILED' if bad else 'OK')
