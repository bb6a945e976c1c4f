"""Calls between the judge, which runs a data set's tests, and the player, which holds the solution.

Each side is a Peer. Plain values travel as copies; so do instances of classes that the task's setup defines (both sides
have them) and of a few library types. Anything else stays where it is and travels as a handle, for which the other side
holds a Remote.

What keeps a solution from deciding a test: the judge compares copies made of its own types; a Remote never asks its
owner about equality or arithmetic with a plain value (an object that equals everything is an old trick); and of the
judge's objects a solution can only call what the tests passed to it, and touch public attributes of instances of the
tests' own classes.

A message is a wire tuple (headers, fields, body): headers lists (class, number) of the instances that occur in it,
fields their attributes, and the body refers to them by index. number is that of the same instance in the message that
this one answers, or -1."""
import builtins
import collections
import copy
import datetime
import decimal
import enum
import fractions
import operator
import os
import re
import sys


def plain_dict(v):
    return {k: dict.__getitem__(v, k) for k in dict.keys(v)}


def make_named(name, v):
    _, type_name_, fields = name.split(':')
    return collections.namedtuple(type_name_, fields.split(',') if fields else [])(*v)


def moment(v):
    """(year, ...) of what has no zone, or UTC."""
    return tuple(getattr(v, f) for f in ('year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'))


# type: (name, to a plain value, from a plain value)
LIBRARY = {
    collections.Counter: ('Counter', plain_dict, collections.Counter),
    collections.OrderedDict: ('OrderedDict', lambda v: [(k, dict.__getitem__(v, k)) for k in collections.OrderedDict.keys(v)],
                              collections.OrderedDict),
    collections.defaultdict: ('defaultdict', lambda v: (getattr(v.default_factory, '__name__', ''), plain_dict(v)),
                              lambda v: collections.defaultdict(PLAIN_TYPES.get(v[0]), v[1])),
    collections.deque: ('deque', lambda v: (list(v), v.maxlen), lambda v: collections.deque(v[0], v[1])),
    range: ('range', lambda v: (v.start, v.stop, v.step), lambda v: range(*v)),
    bytearray: ('bytearray', bytes, bytearray),
    slice: ('slice', lambda v: (v.start, v.stop, v.step), lambda v: slice(*v)),
    type(...): ('Ellipsis', lambda v: None, lambda v: ...),
    decimal.Decimal: ('Decimal', str, decimal.Decimal),
    fractions.Fraction: ('Fraction', lambda v: (v.numerator, v.denominator), lambda v: fractions.Fraction(*v)),
    datetime.date: ('date', lambda v: (v.year, v.month, v.day), lambda v: datetime.date(*v)),
    datetime.datetime: ('datetime', moment, lambda v: datetime.datetime(*v)),
    datetime.time: ('time', lambda v: (v.hour, v.minute, v.second, v.microsecond), lambda v: datetime.time(*v)),
    datetime.timedelta: ('timedelta', lambda v: (v.days, v.seconds, v.microseconds), lambda v: datetime.timedelta(*v)),
    type({}.keys()): ('dict_keys', list, lambda v: dict.fromkeys(v).keys()),
    type({}.values()): ('dict_values', list, lambda v: dict(enumerate(v)).values()),
    type({}.items()): ('dict_items', list, lambda v: dict(v).items()),
}
BUILDERS = {name: make for name, _, make in LIBRARY.values()}
PLAIN_TYPES = {t.__name__: t for t in (bool, int, float, str, list, tuple, dict, set, frozenset, bytes, complex, object, type(None))}
BASES = ((bool, bool), (int, lambda v: int.__add__(v, 0)), (float, float.__float__), (str, str.__str__),
         (bytes, lambda v: bytes.__getitem__(v, slice(None))), (tuple, lambda v: tuple.__getitem__(v, slice(None))),
         (list, list.copy), (dict, plain_dict), (set, lambda v: set(set.__iter__(v))),
         (frozenset, lambda v: frozenset(frozenset.__iter__(v))))
CHANGEABLE = (list, dict, set)


def base_of(t):
    """The built-in type from which a class gets the content of its instances, with what makes a plain value of them; or
    None."""
    for base, exact in BASES:
        if issubclass(t, base):
            return base, exact
    return None


NUMPY_TYPE = re.compile(r'[<>|=]?[biufcSUmM?][0-9]*(\[[a-zA-Z0-9]+\])?')


def numpy_parts(v, t):
    """(name, plain) of an array or scalar of numbers or texts; None for anything else."""
    np = sys.modules.get('numpy')
    if np is None or not (t is np.ndarray or issubclass(t, np.generic)) or v.dtype.hasobject:
        return None
    return 'ndarray' if t is np.ndarray else 'generic', (v.dtype.str, list(v.shape), v.tobytes())


def make_numpy(name, v):
    import numpy as np
    if not NUMPY_TYPE.fullmatch(v[0]):
        raise ValueError(v[0])
    a = np.frombuffer(v[2], dtype=np.dtype(v[0])).reshape(v[1]).copy()
    return a if name == 'ndarray' else a[()]


class ObjectEncoder(Encoder):
    def __init__(self, peer, numbers):
        super().__init__()
        self.peer, self.numbers = peer, numbers
        self.nodes, self.index = [], {}

    def too_deep(self):
        raise TooLarge('value nested more than %d deep' % MAX_DEPTH)

    def huge_int(self, v):
        raise TooLarge('int of %d bits' % v.bit_length())

    def extra(self, name, plain, depth):
        self.name(b'e', name)
        self.value(plain, depth + 1)

    def other(self, v, t, depth):
        if depth >= MAX_DEPTH:
            self.too_deep()
        if t is Remote:
            self.put(b'%b%d;' % (self.peer.theirs, v._sbx_id))
            if self.peer.theirs == b'h':
                self.name(b'', v._sbx_name)
            return
        known = LIBRARY.get(t)
        if known and (t is not datetime.datetime and t is not datetime.time or v.tzinfo is None):
            return self.extra(known[0], known[1](v), depth)
        if t is type and v.__name__ in PLAIN_TYPES and PLAIN_TYPES[v.__name__] is v:
            return self.extra('type', v.__name__, depth)
        if self.peer.is_shared(v, t):
            if issubclass(t, enum.Flag):
                return self.extra('flag:' + t.__name__, v.value, depth)
            if issubclass(t, enum.Enum):
                return self.extra('enum:' + t.__name__, v.name, depth)
            base = base_of(t)
            if base and base[0] not in CHANGEABLE:
                return self.extra('of:' + t.__name__, base[1](v), depth)
            return self.instance(v, t)
        arrays = numpy_parts(v, t)
        if arrays:
            return self.extra(arrays[0], arrays[1], depth)
        fields = getattr(t, '_fields', None)
        if issubclass(t, tuple) and type(fields) is tuple and all(type(f) is str and ':' not in f for f in fields):
            return self.extra('namedtuple:%s:%s' % (t.__name__, ','.join(fields)), tuple.__getitem__(v, slice(None)), depth)
        if t is not type and not issubclass(t, type):
            for base, exact in BASES:
                if issubclass(t, base):
                    return self.value(exact(v), depth)
        self.put(b'%b%d;' % (self.peer.ours, self.peer.keep(v)))
        if self.peer.ours == b'h':
            self.name(b'', type_name(t))

    def instance(self, v, t):
        i = self.index.get(id(v))
        if i is None:
            i = self.index[id(v)] = len(self.nodes)
            self.nodes.append(v)
        self.put(b'p%d;' % i)

    def message(self, body):
        self.value(body)
        parts, self.parts = self.parts, []
        i = 0
        while i < len(self.nodes):  # grows while fields are encoded
            self.value(fields_of(self.nodes[i]))
            i += 1
        fields, self.parts = self.parts, []
        self.value([(type(v).__name__, self.numbers.get(id(v), -1)) for v in self.nodes])
        return b'%b%bl%d:%b%b' % (b't3:', b''.join(self.parts), len(self.nodes), b''.join(fields), b''.join(parts))


def fields_of(v):
    """Attributes of an instance; under '' what it holds as a list, dict or set."""
    out = dict(getattr(v, '__dict__', ()))
    base = base_of(type(v))
    if base:
        out[''] = base[1](v)
    for c in type(v).__mro__:
        slots = c.__dict__.get('__slots__', ())
        for s in (slots,) if type(slots) is str else slots:
            if s not in ('__dict__', '__weakref__') and hasattr(v, s):
                out[s] = getattr(v, s)
    return out


def is_method(t, name):
    """Whether the class t has something under this name that an attribute of an instance would hide: a function, a
    class method, a cached property. Not a property and not a slot, which come before the instance's attributes."""
    for c in t.__mro__:
        if name in c.__dict__:
            kind = type(c.__dict__[name])
            return hasattr(kind, '__get__') and not hasattr(kind, '__set__')
    return False


def bare(t):
    """An instance of which nothing is set: neither __init__ runs nor a __new__ written in Python, which may want
    arguments."""
    for c in t.__mro__:
        new = c.__dict__.get('__new__')
        if type(new) is type(object.__new__):
            return new(t)


def set_content(v, base, content):
    if type(content) is not base:
        raise ValueError('malformed message')
    if isinstance(v, collections.OrderedDict):
        base = collections.OrderedDict
    base.clear(v)
    (list.extend if base is list else base.update)(v, content)


def set_fields(v, fields, keep_methods):
    """keep_methods: what would hide a method of the instance's class is left out."""
    attributes = getattr(v, '__dict__', None)
    if type(attributes) is dict:
        attributes.clear()
    base = base_of(type(v))
    if base:
        set_content(v, base[0], fields.pop('', base[0]()))
    for name, w in fields.items():
        if keep_methods and is_method(type(v), name):
            continue
        if type(attributes) is dict:
            attributes[name] = w
        elif any(name in c.__dict__.get('__slots__', ()) for c in type(v).__mro__):
            object.__setattr__(v, name, w)


class ObjectDecoder(Decoder):
    """old: the instances of the message that this one answers, to be updated in place."""

    def __init__(self, b, peer, old=()):
        super().__init__(b)
        self.peer, self.old, self.nodes = peer, old, []

    def message(self):
        if self.take(3) != b't3:':
            raise ValueError('malformed message')
        for name, number in self.value():
            self.peer.met_object = True
            if 0 <= number < len(self.old) and type(self.old[number]).__name__ == name:
                self.nodes.append(self.old[number])
            else:
                self.nodes.append(self.peer.new_instance(name))
        if self.take(1) != b'l' or self.count() != len(self.nodes):
            raise ValueError('malformed message')
        fields = [self.value() for _ in self.nodes]
        for v, f in zip(self.nodes, fields):
            set_fields(v, f, self.peer.keeps_methods)
        return self.value()

    def other(self, k):
        self.peer.met_object = True
        if k == b'p':
            return self.nodes[self.count(b';')]
        if k == b'e':
            name = self.text()
            plain = self.value()
            if name in BUILDERS:
                return BUILDERS[name](plain)
            if name == 'type':
                return PLAIN_TYPES[plain]
            if name.startswith('enum:'):
                return self.peer.classes[name[5:]][plain]
            if name.startswith('flag:') and type(plain) is int:
                return self.peer.classes[name[5:]](plain)
            if name.startswith('of:'):
                t = self.peer.class_of(name[3:])
                base = base_of(t)[0]
                if type(plain) is not base:
                    raise ValueError('malformed message')
                return base.__new__(t, plain)
            if name.startswith('namedtuple:'):
                return make_named(name, plain)
            return make_numpy(name, plain)
        number = self.count(b';')
        name = self.text() if k == b'h' else ''
        return self.peer.kept[number] if k == self.peer.ours else self.peer.remote(number, name)


# ---- objects of the other side ----

class Remote:
    """Stands for an object that stays with the other side."""
    __slots__ = ('_sbx_peer', '_sbx_id', '_sbx_name')

    def __getattr__(self, name):
        # Not the names by which libraries ask for memory, such as __array_interface__.
        if name[:4] == '_sbx' or name[:2] == '__' and name not in ('__name__', '__doc__'):
            raise AttributeError(name)
        return self._sbx_peer.request('get', self, name)

    def __setattr__(self, name, value):
        self._sbx_peer.request('set', self, name, value)

    def __delattr__(self, name):
        self._sbx_peer.request('delete', self, name)

    def __call__(self, *args, **kwargs):
        return self._sbx_peer.call(self, args, kwargs)

    def __repr__(self):
        return '<%s>' % self._sbx_name

    def __str__(self):
        return self._sbx_peer.request('op', '__str__', self)

    def __hash__(self):
        return self._sbx_id

    def __enter__(self):
        return self._sbx_peer.request('op', '__enter__', self)

    def __exit__(self, *error):
        return self._sbx_peer.request('op', '__exit__', self, None, None, None)

    def __instancecheck__(self, v):
        return type(v) is Remote and self._sbx_peer.request('op', 'isinstance', v, self)

    def __copy__(self):
        return self._sbx_peer.request('op', 'copy', self)

    def __deepcopy__(self, memo):
        return self._sbx_peer.request('op', 'deepcopy', self)


OPS = {'isinstance': isinstance, 'copy': copy.copy, 'deepcopy': copy.deepcopy, '__len__': len, '__iter__': iter,
       '__next__': next, '__bool__': bool, '__int__': int, '__float__': float, '__complex__': complex, '__str__': str,
       '__abs__': abs, '__round__': round, '__reversed__': reversed, '__divmod__': divmod,
       '__enter__': lambda v: type(v).__enter__(v), '__exit__': lambda v, *e: type(v).__exit__(v, *e)}
UNARY = '__len__ __iter__ __next__ __bool__ __int__ __float__ __complex__ __index__ __abs__ __round__ __reversed__ __neg__ __pos__ __invert__'.split()
INDEXED = '__getitem__ __setitem__ __delitem__'.split()
BINARY = ('__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __pow__ '
          '__and__ __or__ __xor__ __matmul__ __divmod__ __lshift__ __rshift__').split()


def add_operators():
    def method(name, both):
        def f(self, *args):
            # With a plain value: False, or TypeError, but never the owner's opinion.
            if both and type(args[0]) is not Remote:
                return NotImplemented
            return self._sbx_peer.request('op', name, self, *args)
        f.__name__ = name
        setattr(Remote, name, f)

    for name in UNARY + INDEXED:
        method(name, False)
    for name in BINARY:
        method(name, True)
    for name in UNARY + INDEXED + BINARY:
        if name not in OPS:
            OPS[name] = getattr(operator, name)


add_operators()


class Malformed(BaseException):
    """The other side does not keep to the form."""


class Gone(BaseException):
    """The other side has ended."""


class OtherExit(SystemExit):
    """The other side raised SystemExit or the like."""


class Peer:
    """One side. ours, theirs: the letters of its own handles and of the other side's."""
    serves_map = False  # only the player; it computes nothing more after an exception
    stopped = False
    met_object = False  # whether a message held more than plain values
    keeps_methods = False  # whether objects of the other side may not hide the methods of their classes

    def __init__(self, ours, theirs, classes):
        self.ours, self.theirs, self.classes = ours, theirs, classes
        self.kept, self.numbers, self.buffer = [], {}, b''
        self.exceptions = {}
        self.may_stop = False  # whether StopIteration may come out of any call, not only out of an iterator

    # -- handles and instances --

    def keep(self, v):
        n = self.numbers.get(id(v))
        if n is None:
            n = self.numbers[id(v)] = len(self.kept)
            self.kept.append(v)
        return n

    def remote(self, number, name):
        r = object.__new__(Remote)
        for slot, v in (('_sbx_peer', self), ('_sbx_id', number), ('_sbx_name', name)):
            object.__setattr__(r, slot, v)
        return r

    def is_shared(self, v, t):
        return self.classes.get(t.__name__) is t

    def class_of(self, name):
        return self.classes[name]

    def new_instance(self, name):
        return bare(self.class_of(name))

    # -- messages --

    def write(self, letter, body, numbers):
        e = ObjectEncoder(self, numbers)
        b = e.message(body)
        send(letter, b)
        return e.nodes

    def read(self):
        """The next frame from the supervisor: letter, payload."""
        while True:
            colon = self.buffer.find(b':', 0, 16)
            if colon > 0:
                n = int(self.buffer[1:colon])
                if len(self.buffer) > colon + n:
                    letter, payload = self.buffer[:1], self.buffer[colon + 1:colon + 1 + n]
                    self.buffer = self.buffer[colon + 1 + n:]
                    return letter, payload
            more = os.read(5, 1 << 16)
            if not more:
                raise Gone
            self.buffer += more

    def request(self, op, *parts):
        return self.exchange((op,) + parts)[0]

    def exchange(self, body):
        """Sends a request, serves what comes back meanwhile. Returns (value, arguments as they are now or None)."""
        return self.take_reply(body, self.write(b'q', body, {}))

    def take_reply(self, body, sent):
        while True:
            letter, payload = self.read()
            if letter == b'r':
                break
            self.serve(payload)
        try:
            kind, value, after = ObjectDecoder(payload, self, sent).message()
            error = self.exception(*value) if kind == 'raise' else None
            if isinstance(error, (StopIteration, StopAsyncIteration)) and body[:2] != ('op', '__next__') and not self.may_stop:
                # all(map(f, cases)) would take it for the end of the cases.
                error = self.exception(['RuntimeError'], ('StopIteration out of a function',), '')
        except Exception as e:
            raise Malformed(repr(e)) from None
        if error is not None:
            raise error
        return value, after

    def call(self, f, args, kwargs):
        value, after = self.exchange(('call', f, args, kwargs))
        if after is not None:
            for old, new in zip(args + tuple(kwargs.values()), after):
                update(old, new)
        return value

    def map(self, f, rows, ahead=64):
        """Results of f called with each row of arguments, in order. Rows are sent ahead, so that both sides work at the same
        time. Up to the first exception; what calls do to their arguments stays with the other side."""
        rows, sent, early = list(rows), 0, []  # early: replies that were read before their turn
        for i in range(len(rows)):
            self.met_object = False
            if early:
                value, error = early.pop(0)
            else:
                while sent < len(rows) and sent - i < ahead:
                    self.send_rows(f, rows[sent:sent + ahead])
                    sent += ahead
                value, error = self.take_row()
                # A question about an object may follow: no reply to a row may then stand before the answer.
                while self.met_object and error is None and len(early) < min(sent, len(rows)) - i - 1:
                    early.append(self.take_row())
                    if early[-1][1] is not None:
                        break
            if error is not None:
                raise error
            yield value

    def take_row(self):
        try:
            return self.take_reply(('map',), [])[0], None
        except BaseException as e:
            if not getattr(e, '_sbx_remote', False):
                raise
            return None, e

    def send_rows(self, f, rows):
        try:
            self.write(b'q', ('map', f, rows), {})
        except TooLarge:
            half = len(rows) // 2
            if half == 0:
                raise
            self.send_rows(f, rows[:half])
            self.send_rows(f, rows[half:])

    def exception(self, names, args, text):
        """An exception of the other side, as near as this side knows it."""
        for name in names:
            t = self.exceptions.get(name) or getattr(builtins, name, None)
            if isinstance(t, type) and issubclass(t, BaseException):
                break
        else:
            t = RuntimeError
        if issubclass(t, (SystemExit, KeyboardInterrupt, GeneratorExit)):
            t = OtherExit
        try:
            e = t(*args)
        except Exception:
            e = RuntimeError(text)
        e._sbx_remote = True
        return e

    # -- serving --

    def serve(self, payload):
        try:
            d = ObjectDecoder(payload, self)
            op, *parts = d.message()
            numbers = {id(v): i for i, v in enumerate(d.nodes)}
        except Exception as e:
            raise Malformed(repr(e)) from None
        after = None
        if op == 'map' and self.serves_map:
            return self.serve_map(*parts)
        try:
            if op == 'call':
                f, args, kwargs = parts
                values = list(args) + list(kwargs.values())
                before = snapshot(self, values)
                value = self.do_call(f, args, kwargs)
                if d.nodes or before is not None and snapshot(self, values) != before:
                    after = values
            else:
                value = getattr(self, 'do_' + op)(*parts)
            self.write(b'r', ('ok', value, after), numbers)
        except (Gone, Malformed):
            raise
        except BaseException as e:
            self.write(b'r', ('raise', self.describe(e), None), {})

    def serve_map(self, f, rows):
        for args in rows if not self.stopped else []:
            try:
                self.write(b'r', ('ok', self.do_call(f, args, {}), None), {})
            except (Gone, Malformed):
                raise
            except BaseException as e:
                self.write(b'r', ('raise', self.describe(e), None), {})
                self.stopped = True
                return

    def describe(self, e):
        try:
            text = str(e)[:500]
        except BaseException:
            text = ''
        args = getattr(e, 'args', ())
        if type(args) is not tuple or not all(type(a) in (int, str, float, bool) for a in args):
            args = (text,)
        try:
            encode(args)
        except BaseException:
            args = ()
        return [c.__name__ for c in type(e).__mro__[:-1]], tuple(args)[:5], text


MUTABLE = (list, dict, set, bytearray, collections.deque)


def snapshot(peer, values):
    """What shows whether a call changed its arguments; None when nothing can have changed."""
    if not any(isinstance(v, MUTABLE) or isinstance(v, tuple) for v in values):
        return None
    try:
        return ObjectEncoder(peer, {}).message(values)
    except TooLarge:
        return None


def update(old, new):
    """Makes a changed argument look as it does on the other side, in place."""
    if old is new or type(old) is not type(new):
        return
    if isinstance(old, (list, tuple)):
        for a, b in zip(old, new):
            update(a, b)
        if isinstance(old, list):
            same = min(len(old), len(new))
            for i in range(same):
                if not isinstance(old[i], MUTABLE) or type(old[i]) is not type(new[i]):
                    old[i] = new[i]
            old[same:] = new[same:]
    elif isinstance(old, dict):
        for k in new:
            if k in old and isinstance(old[k], MUTABLE) and type(old[k]) is type(new[k]):
                update(old[k], new[k])
                new[k] = old[k]
        dict.clear(old)
        dict.update(old, new)
    elif isinstance(old, set):
        set.clear(old)
        set.update(old, new)
    elif isinstance(old, bytearray):
        old[:] = new
    elif isinstance(old, collections.deque):
        old.clear()
        old.extend(new)
