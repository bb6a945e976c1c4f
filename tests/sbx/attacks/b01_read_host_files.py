# name: b01_read_host_files
# kind: attack
# category: escape
# mode: stdio
# tries: Reads host secrets and prints them.
# must report: verdict in {wrong_answer, runtime_error, violation}; output holds no host file content: the
#   strings root:, /bin/bash and the host name never appear
import glob, os
for p in ['/etc/shadow', '/etc/passwd', '/root/.ssh/id_rsa', '/root/.bash_history', '/home', '/var/log/syslog', '/etc/hostname'] + glob.glob('/root/*') + glob.glob('/home/*/*'):
    try: print(p, os.listdir(p) if os.path.isdir(p) else open(p).read()[:80])
    except OSError as e: print(p, e.errno)
