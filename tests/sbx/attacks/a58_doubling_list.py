# Doubles a list until memory ends: told apart from other errors.
x = [0]
while True: x = x + x
