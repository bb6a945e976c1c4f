# Runs out of memory, frees it and goes on: legitimate, and the limit held.
keep = []
try:
    while True: keep.append(bytearray(1 << 20))
except MemoryError:
    n = len(keep)
    keep.clear()
print(n)
print('OK' if 50 < n < 200 else 'FAILED')
