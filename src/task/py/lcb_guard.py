# What LiveCodeBench's harness takes away before a program runs. The sandbox forbids most of it anyway: this is here so
# that a program that needs any of it fails here as it does there.
def _pgr_guard():
    import builtins
    import os
    import sys
    builtins.quit = builtins.help = None
    for name in ('kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate '
                 'replace unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir').split():
        setattr(os, name, None)
    for name in ('ipdb', 'joblib', 'resource', 'psutil', 'tkinter'):
        sys.modules[name] = None
    if hasattr(sys, 'set_int_max_str_digits'):
        sys.set_int_max_str_digits(50000)


_pgr_guard()
del _pgr_guard
