# Announces a message of four megabytes on the result pipe, sends two bytes of it and leaves with status 0.
import os
os.write(3, b'a4000000:0;')
os._exit(0)
