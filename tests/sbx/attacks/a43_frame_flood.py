# Floods the result pipe with well-formed messages: cut off at a fixed number of bytes.
import os
message = b'x8192:' + b'y' * 8192
message *= 128
while True: os.write(3, message)
