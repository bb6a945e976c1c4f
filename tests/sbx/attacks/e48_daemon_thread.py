# A daemon thread still runs at the end: legitimate.
import threading, time
threading.Thread(target=lambda: time.sleep(1e6), daemon=True).start()
def solve(a, b): return a + b
