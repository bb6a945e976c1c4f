# Blocks and ignores every signal, that of the CPU limit included, and spins: the clock is read from outside.
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for s in signal.valid_signals():
    try:
        signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True: pass
