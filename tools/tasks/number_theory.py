from . import Topic

task = Topic("number_theory", split="validation")


@task("easy", 12, 1, 7, 16, 36, 97, 100)
def divisors_of(number: int) -> list[int]:
    """Return all positive divisors of the positive `number` in increasing order."""
    return [d for d in range(1, number + 1) if number % d == 0]


@task("easy", 7, 1, 2, 9, 0, 91, 97, 25, 4, 8, 49, 35, 77)
def is_prime_number(number: int) -> bool:
    """Return True if the non-negative `number` is a prime: larger than 1 and divisible only by 1 and itself;
    otherwise return False."""
    return number > 1 and all(number % d for d in range(2, int(number ** 0.5) + 1))


@task("easy", (4, 6), (7, 7), (1, 9), (12, 18), (5, 8), (100, 75))
def smallest_common_multiple(a: int, b: int) -> int:
    """Return the smallest positive integer that is a multiple of both positive integers."""
    n = a
    while n % b:
        n += a
    return n


@task("easy", 20, 2, 1, 0, 3, 30, 11)
def primes_up_to(limit: int) -> list[int]:
    """Return all primes that are not larger than `limit`, in increasing order."""
    return [n for n in range(2, limit + 1) if all(n % d for d in range(2, int(n ** 0.5) + 1))]


@task("medium", 60, 1, 7, 8, 97, 360, 1001)
def prime_factors(number: int) -> list[int]:
    """Return the prime factors of the positive `number` in increasing order; a prime that divides it several
    times is listed as often. For 1 the list is empty."""
    out, p = [], 2
    while number > 1:
        while number % p == 0:
            out.append(p)
            number //= p
        p += 1
    return out


@task("medium", 6, 28, 12, 1, 7, 496, 8)
def divisor_kind(number: int) -> str:
    """Add up all positive divisors of the positive `number` that are smaller than it. Return `perfect` if the sum
    is equal to the number, `abundant` if it is larger, and `deficient` if it is smaller."""
    total = sum(d for d in range(1, number) if number % d == 0)
    return "perfect" if total == number else "abundant" if total > number else "deficient"


@task("medium", (2, 10, 7), (3, 0, 5), (5, 3, 1), (7, 100, 13), (0, 4, 9), (10, 9, 6), (2, 64, 1000))
def power_remainder(base: int, exponent: int, modulus: int) -> int:
    """Return the remainder of `base` to the power `exponent` divided by the positive `modulus`. Base and exponent
    are not negative."""
    return pow(base, exponent, modulus)


@task("medium", 10, 1, 2, 7, 9, 36, 97)
def count_coprime(number: int) -> int:
    """Return how many of the integers from 1 to the positive `number` have no common divisor with it other than
    1."""
    from math import gcd
    return sum(1 for k in range(1, number + 1) if gcd(k, number) == 1)


@task("medium", 30, 4, 6, 10, 100, 8, 20)
def prime_pairs(total: int) -> list[list[int]]:
    """Return all pairs `[p, q]` of primes with p <= q and p + q = `total`, in increasing order of p. `total` is
    an even number of at least 4."""
    def prime(n):
        return n > 1 and all(n % d for d in range(2, n))
    return [[p, total - p] for p in range(2, total // 2 + 1) if prime(p) and prime(total - p)]


@task("medium", (10, 3), (255, 16), (0, 2), (7, 7), (100, 2), (35, 36), (46655, 36), (1, 2))
def in_base(number: int, base: int) -> str:
    """Return the non-negative `number` written in the given base, from 2 to 36. The digits above 9 are the
    lowercase letters a, b, c, and so on. Zero is `0`."""
    out = ""
    while number or not out:
        out = "0123456789abcdefghijklmnopqrstuvwxyz"[number % base] + out
        number //= base
    return out


@task("hard", (7, 3), (10, 4), (1, 3), (22, 7), (1, 6), (5, 8), (3, 1), (1, 12))
def decimal_period(top: int, bottom: int) -> int:
    """Divide the positive `top` by the positive `bottom` by hand in decimal. Return the length of the shortest
    block of digits that repeats for ever after the point, or 0 if the decimal fraction ends."""
    seen, rest, place = {}, top % bottom, 0
    while rest and rest not in seen:
        seen[rest] = place
        rest = rest * 10 % bottom
        place += 1
    return place - seen[rest] if rest else 0


@task("hard", ([3, 5], [2, 3]), ([2], [1]), ([2, 3], [0, 0]), ([4, 9], [3, 2]), ([3, 4, 5], [1, 2, 3]),
      ([7, 11], [6, 10]))
def smallest_with_remainders(moduli: list[int], remainders: list[int]) -> int:
    """The moduli are positive integers without common divisors pairwise. Return the smallest non-negative integer
    that leaves the remainder `remainders[i]` when divided by `moduli[i]`, for every i."""
    n = 0
    while any(n % m != r for m, r in zip(moduli, remainders)):
        n += 1
    return n


@task("easy", (12, 18), (7, 5), (9, 3), (1, 1), (100, 75), (8, 8))
def greatest_divisor(a: int, b: int) -> int:
    """Return the largest integer that divides both positive integers."""
    while b:
        a, b = b, a % b
    return a


@task("easy", 6, 1, 7, 10, 16, 28)
def divisor_sum(number: int) -> int:
    """Return the sum of all positive divisors of the positive `number`, 1 and the number itself included."""
    return sum(d for d in range(1, number + 1) if number % d == 0)


@task("easy", 16, 0, 1, 15, 25, 99, 100)
def is_square_number(number: int) -> bool:
    """Return True if the non-negative `number` is the square of an integer, else False."""
    root = 0
    while root * root < number:
        root += 1
    return root * root == number
