from . import Topic

task = Topic("bits", split="train")


@task("easy", 5, 0, 1, 8, 255, 6, 1023)
def count_ones(number: int) -> int:
    """Return how many ones the binary form of the non-negative `number` has."""
    return bin(number).count("1")


@task("easy", 10, 0, 1, 7, 16, 255, 1000)
def binary_text(number: int) -> str:
    """Return the non-negative `number` in binary notation, as a string of the characters 0 and 1 without leading
    zeros. Zero is written as `0`."""
    return format(number, "b")


@task("easy", (5, 0), (5, 1), (0, 3), (8, 3), (255, 7), (256, 7), (6, 2))
def bit_is_set(number: int, place: int) -> bool:
    """Return True if the bit at `place` of the non-negative `number` is 1, else False. Place 0 is the lowest bit."""
    return number >> place & 1 == 1


@task("easy", 8, 6, 1, 0, 1024, 1023, 3)
def is_power_of_two(number: int) -> bool:
    """Return True if the non-negative `number` is 1, 2, 4, 8 or another power of two, else False."""
    return number > 0 and number & (number - 1) == 0


@task("easy", [4, 7, 4], [9], [1, 2, 1, 2, 5], [0, 3, 0], [6, 6, 8, 8, 10, 10, 0], [100, 5, 100, 5, 5])
def odd_one_out(numbers: list[int]) -> int:
    """Every number in the list occurs an even number of times, except for one, which occurs an odd number of
    times. Return that one. The numbers are not negative."""
    result = 0
    for n in numbers:
        result ^= n
    return result


@task("medium", (1, 4), (7, 7), (0, 255), (3, 5), (8, 7), (1023, 0), (2, 3))
def differing_bits(first: int, second: int) -> int:
    """Return at how many binary places the two non-negative integers differ."""
    return bin(first ^ second).count("1")


@task("medium", 12, 1, 0, 8, 7, 96, 1024)
def trailing_zeros(number: int) -> int:
    """Return how many zeros stand at the end of the binary form of the non-negative `number`. For 0 return 0."""
    count = 0
    while number and number % 2 == 0:
        number //= 2
        count += 1
    return count


@task("medium", (6, 4), (1, 8), (0, 8), (5, 3), (255, 8), (2, 2), (13, 5))
def reverse_bits(number: int, width: int) -> int:
    """Write the non-negative `number`, which is less than 2 to the power `width`, in binary with exactly `width`
    digits, reverse the digits, and return the value of the result."""
    result = 0
    for _ in range(width):
        result = result * 2 + number % 2
        number //= 2
    return result


@task("medium", 9, 5, 0, 1, 529, 8, 20, 1041)
def longest_zero_gap(number: int) -> int:
    """Return the length of the longest run of zeros that stands between two ones in the binary form of the
    non-negative `number`, or 0 if there is none."""
    runs = format(number, "b").strip("0").split("1")
    return max(len(r) for r in runs)


@task("medium", ([0, 2], 4), ([], 0), ([1], 1), ([0, 1, 2, 3], 15), ([3], 8), ([0, 0], 1), ([5, 1], 34), ([2], 5))
def flags_equal(places: list[int], number: int) -> bool:
    """Return True if the ones in the binary form of the non-negative `number` stand exactly at the given places,
    else False. Place 0 is the lowest bit; a place that is listed twice counts once."""
    value = 0
    for p in places:
        value |= 1 << p
    return value == number


@task("medium", "1011", "0", "1", "1000000", "0011", "11111111")
def from_binary(text: str) -> int:
    """`text` is a non-empty string of the characters 0 and 1. Return the integer that it means in binary
    notation; leading zeros are allowed."""
    value = 0
    for c in text:
        value = value * 2 + (1 if c == "1" else 0)
    return value


@task("hard", 3, 0, 1, 2, 7, 11, 200)
def next_same_ones(number: int) -> int:
    """Return the smallest integer that is larger than the non-negative `number` and has the same number of ones
    in its binary form. For 0 return 0."""
    if number == 0:
        return 0
    ones, n = bin(number).count("1"), number + 1
    while bin(n).count("1") != ones:
        n += 1
    return n


@task("hard", ([1, 2, 3], 3), ([5, 5], 0), ([], 0), ([4, 2, 2, 6], 4), ([7], 7), ([1, 1, 1], 1), ([3, 5, 6, 3], 6))
def xor_pieces(numbers: list[int], target: int) -> int:
    """Return how many pieces of one or more consecutive numbers of the list have an exclusive or (bitwise XOR of
    all their numbers) equal to `target`. All numbers are non-negative."""
    count = 0
    for i in range(len(numbers)):
        value = 0
        for n in numbers[i:]:
            value ^= n
            count += value == target
    return count


@task("easy", 3, 0, 1, 10, 16, 30)
def two_to_the(exponent: int) -> int:
    """Return 2 to the power of the non-negative `exponent`."""
    return 2 ** exponent


@task("easy", (6, 3), (0, 7), (5, 5), (12, 10), (255, 16), (8, 7))
def common_bits(first: int, second: int) -> int:
    """Return the bitwise AND of the two non-negative integers: the number that has a 1 in its binary form exactly
    where both of them have one."""
    return first & second
