# Announces a message of more bytes than fit in a number: refused at its head, nothing is allocated.
import os, time
os.write(3, b'a99999999999999999999:')
time.sleep(60)
