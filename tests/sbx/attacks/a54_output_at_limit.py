# Exactly as much output as allowed.
import sys
sys.stdout.write('x' * 996 + '\nOK\n')
