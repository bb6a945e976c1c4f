# One byte of output more than allowed, then a regular end.
import sys
sys.stdout.write('x' * 997 + '\nOK\n')
