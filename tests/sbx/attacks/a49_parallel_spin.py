# Eight threads spin in code that holds no lock: the CPU time of all threads counts.
import hashlib, threading
def spin():
    while True: hashlib.pbkdf2_hmac('sha256', b'x', b'y', 10 ** 9)
for _ in range(8): threading.Thread(target=spin).start()
