"""The wire form (wire.h): values to bytes and back. The files of this folder are joined into one script by the build."""
import re
import struct

MAX_DEPTH, MAX_INT_BITS = 100, 1 << 22
CONTAINERS = (list, tuple, dict, set, frozenset)
INTS = re.compile(rb'(?:i-?[0-9]+;)+')


LIMIT = [4 << 20]  # bytes of an encoded value


class TooLarge(Exception):
    pass


class Encoder:
    """Exact built-in types only; anything else becomes its type's name, which equals nothing."""

    def __init__(self):
        self.parts, self.room = [], LIMIT[0]

    def put(self, b):
        self.room -= len(b)
        if self.room < 0:
            raise TooLarge('value larger than %d bytes' % LIMIT[0])
        self.parts.append(b)

    def name(self, letter, text):
        b = text.encode('utf-8', 'replace')[:200].decode('utf-8', 'ignore').encode()
        self.put(b'%b%d:%b' % (letter, len(b), b))

    def value(self, v, depth=0):
        t = type(v)
        if depth >= MAX_DEPTH and t in CONTAINERS:
            self.too_deep()
        elif v is None:
            self.put(b'N')
        elif t is bool:
            self.put(b'T' if v else b'F')
        elif t is int:
            if -1 << 63 <= v < 1 << 63:
                self.put(b'i%d;' % v)
            elif v.bit_length() > MAX_INT_BITS:
                self.huge_int(v)
            else:
                self.put(b'x%x;' % v)
        elif t is float:
            self.put(b'r' + struct.pack('>d', v).hex().encode())
        elif t is str:
            b = v.encode('utf-8', 'surrogatepass')
            self.put(b's%d:%b' % (len(b), b))
        elif t is list:
            self.items(b'l', v, depth)
        elif t is tuple:
            self.items(b't', v, depth)
        elif t is dict:
            self.put(b'd%d:' % len(v))
            for k, w in v.items():
                self.value(k, depth + 1)
                self.value(w, depth + 1)
        elif t is set:
            self.items(b'u', v, depth)
        elif t is frozenset:
            self.items(b'z', v, depth)
        elif t is bytes:
            self.put(b'b%d:%b' % (len(v), v))
        elif t is complex:
            self.put(b'c' + struct.pack('>dd', v.real, v.imag).hex().encode())
        else:
            self.other(v, t, depth)

    def items(self, letter, v, depth):
        self.put(b'%b%d:' % (letter, len(v)))
        # Lists of ints are common and long: one pass in C to be sure of the types.
        if len(v) > 8 and set(map(type, v)) == {int} and -1 << 63 <= min(v) and max(v) < 1 << 63:
            self.put(b''.join([b'i%d;' % x for x in v]))
            return
        for w in v:
            self.value(w, depth + 1)

    def too_deep(self):
        self.name(b'o', 'value nested too deeply')

    def huge_int(self, v):
        self.name(b'o', 'int of %d bits' % v.bit_length())

    def other(self, v, t, depth):
        self.name(b'o', type_name(t))


def type_name(t):
    try:
        module, name = type.__getattribute__(t, '__module__'), type.__getattribute__(t, '__qualname__')
        return name if module == 'builtins' else '%s.%s' % (module, name)
    except BaseException:
        return 'unknown type'


def encode(v):
    e = Encoder()
    try:
        e.value(v)
    except TooLarge as error:
        e = Encoder()
        e.name(b'o', str(error))
    return b''.join(e.parts)


class Decoder:
    """Reads what the supervisor has checked."""

    def __init__(self, b, pos=0):
        self.b, self.pos = b, pos

    def count(self, stop=b':'):
        end = self.b.index(stop, self.pos)
        n = int(self.b[self.pos:end])
        self.pos = end + 1
        return n

    def take(self, n):
        self.pos += n
        return self.b[self.pos - n:self.pos]

    def text(self):
        return self.take(self.count()).decode('utf-8', 'surrogatepass')

    def items(self, n):
        if n > 8:
            m = INTS.match(self.b, self.pos)
            if m:
                parts = m.group().split(b';', n)
                if len(parts) > n:  # at least n ints
                    out = [int(p[1:]) for p in parts[:n]]
                    self.pos += sum(map(len, parts[:n])) + n
                    return out
        return [self.value() for _ in range(n)]

    def value(self):
        k = self.take(1)
        if k == b'i':
            return self.count(b';')
        if k == b's':
            return self.text()
        if k == b'l':
            return self.items(self.count())
        if k == b't':
            return tuple(self.items(self.count()))
        if k == b'd':
            out = {}
            for _ in range(self.count()):
                key = self.value()
                out[key] = self.value()
            return out
        if k == b'N':
            return None
        if k == b'T':
            return True
        if k == b'F':
            return False
        if k == b'r':
            return struct.unpack('>d', bytes.fromhex(self.take(16).decode()))[0]
        if k == b'x':
            end = self.b.index(b';', self.pos)
            v = int(self.b[self.pos:end], 16)
            self.pos = end + 1
            return v
        if k == b'u':
            return set(self.items(self.count()))
        if k == b'z':
            return frozenset(self.items(self.count()))
        if k == b'b':
            return self.take(self.count())
        if k == b'c':
            return complex(*struct.unpack('>dd', bytes.fromhex(self.take(32).decode())))
        return self.other(k)

    def other(self, k):
        raise ValueError('wire value of kind %r' % k)
