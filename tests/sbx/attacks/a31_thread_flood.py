# Threads until refused: at most 32 live, and after they end the program goes on.
import threading
gate, live = threading.Event(), []
try:
    for _ in range(10000):
        t = threading.Thread(target=gate.wait)
        t.start()
        live.append(t)
except RuntimeError as e:
    print(e)
n = len(live)
gate.set()
for t in live: t.join()
print(n)
print('OK' if 4 <= n <= 33 else 'FAILED')
