from . import Topic

task = Topic("sequences", split="train")


@task("easy", (2, 3, 5), (0, 0, 3), (5, -2, 4), (1, 1, 0), (7, 10, 1), (-4, 4, 3))
def arithmetic_terms(first: int, step: int, count: int) -> list[int]:
    """Return the first `count` terms of the sequence that starts with `first` and grows by `step` from term to
    term."""
    return [first + step * i for i in range(count)]


@task("easy", 5, 0, 1, 2, 3, 10)
def countdown(start: int) -> list[int]:
    """Return the list of the integers from `start` down to 0, both included. `start` is not negative."""
    return list(range(start, -1, -1))


@task("easy", 5, 1, 0, 2, 3, 8)
def triangular_numbers(count: int) -> list[int]:
    """Return the first `count` of the sums 1, 1 + 2, 1 + 2 + 3, and so on."""
    return [i * (i + 1) // 2 for i in range(1, count + 1)]


@task("easy", [1, 4, 9, 16], [5], [3, 3], [10, 7, 8], [0, -5, 5], [1, 2, 4, 8, 16])
def differences(numbers: list[int]) -> list[int]:
    """Return the list of the differences between each number of the non-empty list and the number before it. It
    is one shorter than the list."""
    return [b - a for a, b in zip(numbers, numbers[1:])]


@task("medium", 7, 1, 2, 3, 10, 20)
def three_term_sum(index: int) -> int:
    """A sequence starts with 1, 1, 2, and every later term is the sum of the three terms before it. Return the
    term with the given index; the first term has index 1."""
    a, b, c = 1, 1, 2
    for _ in range(index - 1):
        a, b, c = b, c, a + b + c
    return a


@task("medium", 5, 1, 2, 3, 4, 6, 7)
def look_and_say(index: int) -> str:
    """The first term of a sequence of strings is `1`. The next term describes the runs of equal digits of the
    term before, from left to right: for each run its length and then its digit. So the terms are 1, 11, 21, 1211,
    and so on. Return the term with the given index; the first term has index 1."""
    term = "1"
    for _ in range(index - 1):
        out, i = "", 0
        while i < len(term):
            j = i
            while j < len(term) and term[j] == term[i]:
                j += 1
            out += str(j - i) + term[i]
            i = j
        term = out
    return term


@task("medium", [2, 4, 6], [1], [], [3, 6, 12], [5, 5, 5], [1, 2, 4], [10, 7, 4, 1], [4, 8])
def is_arithmetic(numbers: list[int]) -> bool:
    """Return True if the difference between neighbours is the same everywhere in the list, else False. A list of
    fewer than three numbers counts as True."""
    return all(numbers[i + 1] - numbers[i] == numbers[1] - numbers[0] for i in range(len(numbers) - 1))


@task("medium", (4, 3), (1, 5), (10, 1), (3, 4), (7, 6), (12, 8), (2, 0))
def digit_square_chain(start: int, count: int) -> list[int]:
    """A sequence starts with `start`. Every next term is the sum of the squares of the decimal digits of the term
    before. Return the first `count` terms as a list."""
    out = []
    for _ in range(count):
        out.append(start)
        start = sum(int(d) ** 2 for d in str(start))
    return out


@task("medium", 4, 0, 1, 2, 3, 5, 8)
def pascal_row(index: int) -> list[int]:
    """Row 0 of a triangle of numbers is `[1]`. Every next row starts and ends with 1, and each number between is
    the sum of the two neighbouring numbers of the row above it. Return the row with the given index."""
    row = [1]
    for _ in range(index):
        row = [1] + [a + b for a, b in zip(row, row[1:])] + [1]
    return row


@task("medium", 6, 1, 2, 3, 10, 15, 4, 21, 22)
def self_counting_term(index: int) -> int:
    """The sequence 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, ... holds every positive integer n exactly n times, in
    increasing order. Return the term with the given index; the first term has index 1."""
    n = 1
    while index > n:
        index -= n
        n += 1
    return n


@task("hard", [1, 2, 4, 7, 11], [5], [3, 5], [2, 4, 6, 8], [1, 8, 27, 64], [0, 0, 0], [1, 4, 9, 16])
def predict_next(numbers: list[int]) -> int:
    """Continue the non-empty sequence with the method of differences: write the list of differences of neighbours
    below the list, the differences of those below that, and so on, until a list has only one number. Continue
    that last list by repeating its number, and each list above it by adding the new difference to its last
    number. Return the new number of the first list."""
    total = 0
    while numbers:
        total += numbers[-1]
        numbers = [b - a for a, b in zip(numbers, numbers[1:])]
    return total


@task("hard", ([1, 2, 3, 1, 2, 3, 1],), ([5],), ([4, 4, 4],), ([1, 2, 1, 2],), ([1, 2, 3],), ([1, 1, 2, 1, 1],),
      ([7, 8, 7, 8, 8],), ([1, 2],), ([1, 2, 3, 4],), ([2, 2, 3],))
def smallest_period(numbers: list[int]) -> int:
    """Return the smallest positive p for which every number of the non-empty list is equal to the number p places
    before it, wherever there is such a place. The length of the list always fulfils this."""
    for p in range(1, len(numbers) + 1):
        if all(numbers[i] == numbers[i - p] for i in range(p, len(numbers))):
            return p
    return len(numbers)


@task("hard", 10, 1, 2, 7, 11, 20, 15)
def hamming_number(index: int) -> int:
    """The positive integers that have no prime factor other than 2, 3 and 5, in increasing order, are 1, 2, 3, 4,
    5, 6, 8, 9, 10, 12, and so on. Return the one with the given index; the first has index 1."""
    n = 0
    while index:
        n += 1
        rest = n
        for p in (2, 3, 5):
            while rest % p == 0:
                rest //= p
        if rest == 1:
            index -= 1
    return n


@task("easy", 4, 1, 0, 6, 3, 10)
def powers_of_two(count: int) -> list[int]:
    """Return the list of the first `count` powers of two: 1, 2, 4, 8, and so on."""
    return [2 ** i for i in range(count)]


@task("easy", (3, 10), (5, 5), (1, 4), (7, 6), (2, 3), (10, 35))
def multiples_up_to(step: int, limit: int) -> list[int]:
    """Return the list of the positive multiples of the positive `step` that are not larger than `limit`, in
    increasing order."""
    return list(range(step, limit + 1, step))


@task("easy", 5, 1, 2, 0, 3, 7)
def first_squares(count: int) -> list[int]:
    """Return the list of the squares of the integers from 1 to `count`."""
    return [n * n for n in range(1, count + 1)]
