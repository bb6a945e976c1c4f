from . import Topic

task = Topic("digits", split="train")


@task("easy", 1234, 0, 7, 1000, 999999, 90210, 2468)
def even_digit_count(number: int) -> int:
    """Return how many of the decimal digits of the non-negative `number` are even. The digit 0 is even."""
    return sum(1 for d in str(number) if d in "02468")


@task("easy", 305, 0, 9, 111, 987654321, 1000000, 48)
def digit_range(number: int) -> int:
    """Return the largest decimal digit of the non-negative `number` minus its smallest decimal digit."""
    ds = [int(d) for d in str(number)]
    return max(ds) - min(ds)


@task("easy", 120, 0, -45, 7, -100, 9081, 1000003)
def reverse_number(number: int) -> int:
    """Return the integer whose decimal digits are those of `number` in reverse order. Zeros that come to the
    front vanish, and the sign stays."""
    sign = -1 if number < 0 else 1
    return sign * int(str(abs(number))[::-1])


@task("easy", 5238, 0, 11, 908, 123456789, 10, 7007)
def alternating_digit_sum(number: int) -> int:
    """Take the decimal digits of the non-negative `number` from left to right. Return the first digit minus the
    second plus the third minus the fourth, and so on."""
    total = 0
    for i, d in enumerate(str(number)):
        total += int(d) if i % 2 == 0 else -int(d)
    return total


@task("easy", 1357, 0, 11, 1233, 9876543210, 100, 55)
def all_digits_differ(number: int) -> bool:
    """Return True if no decimal digit occurs twice in the non-negative `number`, else False."""
    return len(set(str(number))) == len(str(number))


@task("medium", 38, 0, 9, 10, 99999, 123456789, 18, 11)
def digit_sum_rounds(number: int) -> int:
    """Replace the non-negative `number` by the sum of its decimal digits, again and again, until only one digit
    is left. Return how many replacements were needed."""
    rounds = 0
    while number > 9:
        number = sum(int(d) for d in str(number))
        rounds += 1
    return rounds


@task("medium", 3021, 0, 5, 100, 998877, 1203, 60502)
def largest_rearrangement(number: int) -> int:
    """Return the largest integer that can be written with exactly the decimal digits of the non-negative
    `number`."""
    return int("".join(sorted(str(number), reverse=True)))


@task("medium", 3021, 0, 5, 100, 998877, 40, 60502, 1000002)
def smallest_rearrangement(number: int) -> int:
    """Return the smallest integer that can be written with exactly the decimal digits of the non-negative
    `number`, where the first digit must not be 0 (unless the number is 0 itself)."""
    ds = sorted(str(number))
    for i, d in enumerate(ds):
        if d != "0":
            return int(d + "".join(ds[:i] + ds[i + 1:]))
    return 0


@task("medium", (10, 30), (0, 0), (1, 9), (95, 105), (100, 100), (11, 11), (0, 200))
def count_mirror_numbers(low: int, high: int) -> int:
    """Return how many integers n with `low` <= n <= `high` read the same forwards and backwards in decimal. Both
    limits are non-negative and `low` is not larger than `high`."""
    return sum(1 for n in range(low, high + 1) if str(n) == str(n)[::-1])


@task("medium", (7, 13), (0, 0), (999, 1), (55, 55), (123, 456), (5, 95), (1, 99), (808, 909), (9999, 0), (5, 0),
      (0, 5), (95, 5), (5, 95 + 100), (199, 1))
def count_carries(first: int, second: int) -> int:
    """Add the two non-negative integers by hand, digit by digit from the right. Return how many times a carry of
    1 goes to the next place to the left."""
    carry = carries = 0
    while first or second or carry:
        carry = 1 if first % 10 + second % 10 + carry > 9 else 0
        carries += carry
        first, second = first // 10, second // 10
    return carries


@task("medium", 122, 0, 7, 111222, 90909, 1000, 44114)
def most_common_digit(number: int) -> int:
    """Return the decimal digit that occurs most often in the non-negative `number`. If several digits occur
    equally often, return the smallest of them."""
    text = str(number)
    return max(range(10), key=lambda d: (text.count(str(d)), -d))


@task("hard", (2851736, 3), (10, 1), (10200, 1), (9, 0), (112, 1), (54321, 2), (12345, 2), (100, 2), (1432, 2),
      (132, 1), (21543, 1), (3132, 2))
def drop_digits_min(number: int, count: int) -> int:
    """Remove exactly `count` decimal digits from the positive `number` so that the digits that stay, in their
    order, form the smallest possible value. Leading zeros are allowed in the result and do not count. `count` is
    smaller than the number of digits."""
    stack = []
    for d in str(number):
        while count and stack and stack[-1] > d:
            stack.pop()
            count -= 1
        stack.append(d)
    kept = stack[:len(stack) - count]
    return int("".join(kept))


@task("hard", 21, 99, 1, 120, 4321, 1999, 12, 5555, 1243, 13542, 115, 221)
def next_same_digits(number: int) -> int:
    """Return the smallest integer that is larger than the positive `number` and has exactly the same decimal
    digits. Return -1 if there is none."""
    ds = list(str(number))
    i = len(ds) - 2
    while i >= 0 and ds[i] >= ds[i + 1]:
        i -= 1
    if i < 0:
        return -1
    j = len(ds) - 1
    while ds[j] <= ds[i]:
        j -= 1
    ds[i], ds[j] = ds[j], ds[i]
    ds[i + 1:] = reversed(ds[i + 1:])
    return int("".join(ds))


@task("easy", 123, 0, 9, 1000, 99999, 90817)
def digit_total(number: int) -> int:
    """Return the sum of the decimal digits of the non-negative `number`."""
    return sum(int(d) for d in str(number))


@task("easy", 5, 0, 10, 999, 1000, 123456)
def digit_count(number: int) -> int:
    """Return how many decimal digits the non-negative `number` has. The number 0 has one digit."""
    return len(str(number))


@task("easy", (1223, 2), (0, 0), (555, 5), (100, 0), (1234, 9), (70707, 7))
def count_digit(number: int, digit: int) -> int:
    """Return how often the decimal digit `digit` (0 to 9) occurs in the non-negative `number`."""
    return str(number).count(str(digit))
