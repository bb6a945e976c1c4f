# Becomes another program by exec: refused.
import os, sys
os.execv(sys.executable or '/usr/bin/python3', ['python3', '-c', 'import os; os.write(3, b"a4:0;i5;")'])
