from . import Topic

task = Topic("recursion", split="train")


@task("easy", [1, [2, 3]], [], [[]], [[[5]]], [1, 2, 3], [-1, [1, [-1, [1]]]])
def nested_sum(items: list) -> int:
    """`items` holds integers and lists, which hold integers and lists again, to any depth. Return the sum of all
    integers in it."""
    return sum(nested_sum(x) if isinstance(x, list) else x for x in items)


@task("easy", [1, [2, 3]], [], [[]], [[[5]]], [1, 2, 3], [[1], [[2], [[3]]]], [[], [[]]])
def nesting_depth(items: list) -> int:
    """`items` holds integers and lists, which hold integers and lists again, to any depth. Return the depth of
    the nesting: a list that holds no list has depth 1, and a list around another is one deeper."""
    return 1 + max((nesting_depth(x) for x in items if isinstance(x, list)), default=0)


@task("medium", 5, 0, 1, 2, 10, 20, 30)
def stair_ways(steps: int) -> int:
    """You climb `steps` stairs and take 1 or 2 stairs at a time. Return in how many different orders you can do
    that. For 0 stairs there is exactly one way: to do nothing."""
    a, b = 1, 1
    for _ in range(steps):
        a, b = b, a + b
    return a


@task("medium", 3, 1, 0, 2, 4, 5)
def hanoi_moves(disks: int) -> list[str]:
    """Move a tower of `disks` disks from peg A to peg C with peg B as the helper: one disk at a time, never a
    larger disk on a smaller one, with as few moves as possible. Return the moves in order, each written like
    `A>C`."""
    def move(n, source, target, helper):
        if n == 0:
            return []
        return move(n - 1, source, helper, target) + [source + ">" + target] + move(n - 1, helper, target, source)
    return move(disks, "A", "C", "B")


@task("medium", "abc", "", "a", "ab", "dcba", "xyz", "1234")
def all_arrangements(text: str) -> list[str]:
    """Return all strings that use each character of `text` exactly once, in alphabetical order. All characters of
    `text` are different. For the empty string there is one arrangement, the empty string."""
    from itertools import permutations
    return sorted("".join(p) for p in permutations(text))


@task("medium", 4, 0, 1, 2, 3, 6, 8)
def gray_words(bits: int) -> list[str]:
    """Return the list of all strings of `bits` characters 0 and 1 in this order: for 0 bits it is the list with
    the empty string; for n bits it is the list for n - 1 bits with 0 put in front of each, followed by the list
    for n - 1 bits in reverse order with 1 put in front of each."""
    words = [""]
    for _ in range(bits):
        words = ["0" + w for w in words] + ["1" + w for w in reversed(words)]
    return words


@task("medium", (2, 3), (0, 0), (0, 5), (1, 0), (1, 4), (2, 0), (3, 2))
def two_argument_recursion(m: int, n: int) -> int:
    """A function A is defined for non-negative integers by three rules: A(0, n) = n + 1; A(m, 0) = A(m - 1, 1)
    for m > 0; A(m, n) = A(m - 1, A(m, n - 1)) for m > 0 and n > 0. Return A(m, n)."""
    if m == 0:
        return n + 1
    if n == 0:
        return two_argument_recursion(m - 1, 1)
    return two_argument_recursion(m - 1, two_argument_recursion(m, n - 1))


@task("medium", 3, 0, 1, 2, 4, 5)
def balanced_brackets(pairs: int) -> list[str]:
    """Return all strings of `pairs` opening and `pairs` closing round brackets that are correctly nested, in
    alphabetical order ("(" comes before ")"). For 0 pairs the list holds the empty string only."""
    out = []

    def grow(text, opened, closed):
        if closed == pairs:
            out.append(text)
        if opened < pairs:
            grow(text + "(", opened + 1, closed)
        if closed < opened:
            grow(text + ")", opened, closed + 1)
    grow("", 0, 0)
    return out


@task("hard", (5, 3), (4, 4), (1, 1), (6, 2), (7, 3), (10, 10), (10, 1), (0, 3), (2, 1), (1, 3), (5, 2), (6, 6))
def partitions_up_to(total: int, largest: int) -> int:
    """Return in how many ways `total` can be written as a sum of positive integers that are at most `largest`,
    when the order of the summands does not matter. 0 can be written in exactly one way, as the empty sum."""
    if total == 0:
        return 1
    if total < 0 or largest == 0:
        return 0
    return partitions_up_to(total - largest, largest) + partitions_up_to(total, largest - 1)


@task("hard", "3[ab]", "2[a3[b]]", "", "xyz", "10[q]", "a2[b]c", "2[2[2[x]]y]", "0[gone]left")
def unfold_brackets(text: str) -> str:
    """In `text`, a number directly before a pair of square brackets says how often the content of the brackets is
    repeated; brackets may be nested, and always have a number before them. Letters stand for themselves. Return
    the unfolded text."""
    stack, current, number = [], "", 0
    for c in text:
        if c.isdigit():
            number = number * 10 + int(c)
        elif c == "[":
            stack.append((current, number))
            current, number = "", 0
        elif c == "]":
            before, times = stack.pop()
            current = before + current * times
        else:
            current += c
    return current


@task("hard", [[1, 2], [3]], [], [[]], [[5]], [[1, 2], [3, 4], [5]], [[7, 7], [7]], [[1], [], [2]])
def choose_one_each(groups: list[list[int]]) -> list[list[int]]:
    """Return all lists that take exactly one number from each group, in the order of the groups. Lists that take
    an earlier number of the first group come first; among those, the second group decides, and so on. With no
    groups there is one list, the empty one; if a group is empty there is none."""
    out = [[]]
    for group in groups:
        out = [chosen + [n] for chosen in out for n in group]
    return out


@task("easy", (48, 18), (7, 7), (1, 99), (0, 5), (5, 0), (17, 4), (100, 75))
def subtract_until_equal(a: int, b: int) -> int:
    """Two non-negative numbers, not both 0, are changed by this rule: while both are positive, replace the larger
    one by the difference of the two (if they are equal, replace the first by 0). Return the number that is left
    when the other has become 0."""
    while a and b:
        if a >= b:
            a -= b
        else:
            b -= a
    return a + b


@task("medium", 27, 1, 0, 8, 100, 255, 12)
def fold_to_one(number: int) -> int:
    """Count steps for a non-negative integer: 0 and 1 need no step; an even number is halved, an odd number loses
    1, and each of these is one step. Return how many steps are made until 1 is reached (or 0, when starting from
    0)."""
    if number <= 1:
        return 0
    return 1 + fold_to_one(number // 2 if number % 2 == 0 else number - 1)


@task("easy", 5, 0, 1, 3, 10, 12)
def product_up_to(limit: int) -> int:
    """Return the product of the integers from 1 to the non-negative `limit`. For 0 the product is 1."""
    result = 1
    for n in range(2, limit + 1):
        result *= n
    return result


@task("easy", 8, 1, 2, 5, 1000, 1024)
def halvings(number: int) -> int:
    """Return how often the positive `number` can be halved, rounding down, until it is 1."""
    count = 0
    while number > 1:
        number //= 2
        count += 1
    return count
