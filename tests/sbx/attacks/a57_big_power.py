# One arithmetic operation that would take hours inside C code.
x = 7 ** (10 ** 9)
print(x)
