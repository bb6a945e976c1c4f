from . import Topic

task = Topic("arithmetic", split="train")


@task("easy", (7, 2), (6, 3), (0, 5), (1, 10), (10, 1), (11, 4), (100, 7))
def boxes_needed(items: int, capacity: int) -> int:
    """Return how many boxes are needed to pack `items` items when each box holds at most `capacity` items.
    `items` is not negative and `capacity` is at least 1."""
    return (items + capacity - 1) // capacity


@task("easy", (3, 8), (8, 3), (5, 5), (-2, 2), (-5, -3), (0, 100), (2, 1))
def sum_between(first: int, second: int) -> int:
    """Return the sum of all integers from the smaller to the larger of the two numbers, both included."""
    low, high = min(first, second), max(first, second)
    return sum(range(low, high + 1))


@task("easy", (17, 5), (20, 5), (3, 10), (7, 2), (8, 3), (0, 4), (99, 10), (-1, 4))
def nearest_multiple(number: int, step: int) -> int:
    """Return the multiple of the positive `step` that is nearest to `number`. If two multiples are equally near,
    return the larger one."""
    low = number // step * step
    return low if number - low < low + step - number else low + step


@task("easy", (5, 1, 10), (-3, 0, 7), (12, 0, 7), (0, 0, 0), (7, 7, 9), (9, 7, 9), (-5, -8, -2))
def clamp(value: int, low: int, high: int) -> int:
    """Return `value` if it lies between `low` and `high`, otherwise the limit that is nearer to it. `low` is not
    larger than `high`."""
    return max(low, min(high, value))


@task("easy", (3, 4, 5), (1, 1, 1), (2, 9, 2), (-1, -5, 0), (7, 7, 3), (100, 1, 50), (0, 0, -1))
def middle_of_three(a: int, b: int, c: int) -> int:
    """Return the number that is in the middle when the three numbers are put in order."""
    return sorted([a, b, c])[1]


@task("easy", 3661, 0, 59, 60, 86399, 7325, 100000, 36000 * 5, 900000)
def split_seconds(seconds: int) -> list[int]:
    """Return the list `[hours, minutes, seconds]` for a non-negative number of seconds; minutes and seconds are
    less than 60, hours may be any number."""
    return [seconds // 3600, seconds // 60 % 60, seconds % 60]


@task("medium", 87, 0, 1, 25, 41, 100, 99, 30)
def fewest_coins(amount: int) -> int:
    """Return the smallest number of coins that make up `amount` cents with coins of 1, 5, 10, 25 and 50 cents."""
    coins = 0
    for value in (50, 25, 10, 5, 1):
        coins += amount // value
        amount %= value
    return coins


@task("medium", (2, 10), (3, 0), (5, 3), (-2, 3), (-2, 4), (0, 5), (1, 30), (7, 7), (0, 0))
def power_by_squaring(base: int, exponent: int) -> int:
    """Return `base` to the power of the non-negative `exponent`. Any base to the power of 0 is 1."""
    result = 1
    while exponent:
        if exponent % 2:
            result *= base
        base *= base
        exponent //= 2
    return result


@task("medium", 16, 0, 1, 2, 15, 17, 99, 1000000, 999999)
def floor_square_root(number: int) -> int:
    """Return the largest integer whose square is not larger than the non-negative `number`."""
    root = 0
    while (root + 1) * (root + 1) <= number:
        root += 1
    return root


@task("medium", (1, 2, 1, 3), (1, 2, 1, 2), (0, 5, 3, 4), (-1, 2, 1, 2), (2, 4, 1, 2), (1, 6, 1, 10), (-3, 4, -1, 4),
      (5, 1, 2, 3))
def add_fractions(a: int, b: int, c: int, d: int) -> list[int]:
    """Return the sum of the fractions a/b and c/d in lowest terms as `[numerator, denominator]`. `b` and `d` are
    positive, and so is the denominator of the result; zero is written as `[0, 1]`."""
    from math import gcd
    top, bottom = a * d + c * b, b * d
    g = gcd(top, bottom)
    return [top // g, bottom // g]


@task("medium", (10, 3), (1, 2), (5, 2), (100, 2), (9, 3), (4, 100), (16, 4), (7, 7), (0, 5))
def bottles_drunk(full: int, exchange: int) -> int:
    """You have `full` full bottles. Whenever you have `exchange` empty bottles you can swap them for one full
    bottle. Return how many bottles you can drink in all. `exchange` is at least 2."""
    drunk = empty = 0
    while full:
        drunk += full
        empty += full
        full, empty = empty // exchange, empty % exchange
    return drunk


@task("medium", 6, 1, 7, 27, 2, 97, 16, 19)
def hailstone_peak(start: int) -> int:
    """Start with a positive integer. An even number is halved, an odd number is multiplied by 3 and increased by
    1; stop at 1. Return the largest number that is seen, the start included."""
    peak = n = start
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        peak = max(peak, n)
    return peak


@task("medium", (1000, 10, 3), (100, 0, 5), (100, 50, 0), (1, 10, 10), (999, 7, 4), (0, 20, 3), (250, 100, 3))
def grow_rounded_down(amount: int, percent: int, years: int) -> int:
    """An account holds `amount` cents. At the end of each year it grows by `percent` percent of what it then
    holds, and the growth is rounded down to whole cents. Return what it holds after `years` years."""
    for _ in range(years):
        amount += amount * percent // 100
    return amount


@task("hard", (3, 7), (1, 2), (2, 3), (1, 1), (5, 6), (4, 13), (7, 15), (3, 1000))
def unit_fractions(top: int, bottom: int) -> list[int]:
    """Write the fraction top/bottom (with 0 < top <= bottom) as a sum of different fractions with numerator 1,
    always taking the largest one that still fits. Return the list of their denominators in the order in which
    they are taken."""
    out = []
    while top:
        d = (bottom + top - 1) // top
        out.append(d)
        top, bottom = top * d - bottom, bottom * d
    return out


@task("easy", 5, 0, 1, 10, 100, 7)
def sum_up_to(limit: int) -> int:
    """Return the sum of the integers from 1 to the non-negative `limit`. For 0 the sum is 0."""
    return limit * (limit + 1) // 2


@task("easy", 7, 0, -7, 100, -1, 12)
def absolute_double(number: int) -> int:
    """Return two times the absolute value of `number`."""
    return 2 * abs(number)


@task("easy", (10, 3), (3, 10), (5, 5), (-2, 4), (0, -7), (-3, -8))
def difference_of(a: int, b: int) -> int:
    """Return how far the two integers are apart, as a number that is not negative."""
    return abs(a - b)


@task("easy", (3, 5), (5, 3), (4, 4), (-1, 1), (-9, -2), (0, 0))
def order_sign(a: int, b: int) -> int:
    """Return 1 if `a` is larger than `b`, -1 if it is smaller, and 0 if they are equal."""
    return 1 if a > b else -1 if a < b else 0


@task("easy", (12, 3), (7, 2), (0, 5), (5, 5), (9, 10), (-8, 4))
def divides(number: int, divisor: int) -> bool:
    """Return True if `number` is divisible by the positive `divisor` without a remainder, else False."""
    return number % divisor == 0
