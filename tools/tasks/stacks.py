from . import Topic

task = Topic("stacks", split="train")


@task("easy", "(())", "", "(()", ")(", "()()", "((()))(", "())(")
def brackets_match(text: str) -> bool:
    """`text` holds only the characters ( and ). Return True if every opening bracket is closed by a later closing
    bracket and no bracket closes without an open one, else False."""
    depth = 0
    for c in text:
        depth += 1 if c == "(" else -1
        if depth < 0:
            return False
    return depth == 0


@task("easy", "(()())", "", "()", "((()))", "()()()", "(()(()))", "x(y(z))")
def deepest_bracket(text: str) -> int:
    """Return the largest number of round brackets that are open at the same time when `text` is read from left to
    right. All brackets match; other characters are ignored."""
    best = depth = 0
    for c in text:
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        best = max(best, depth)
    return best


@task("medium", "{[()]}", "", "([)]", "((", "a[b]{c}", "]", "{}[]()", "(]")
def brackets_of_three_kinds(text: str) -> bool:
    """Return True if the brackets (), [] and {} in `text` are closed in the right order by a bracket of the same
    kind, and none stays open; otherwise return False. Other characters are ignored."""
    closing = {")": "(", "]": "[", "}": "{"}
    stack = []
    for c in text:
        if c in "([{":
            stack.append(c)
        elif c in closing:
            if not stack or stack.pop() != closing[c]:
                return False
    return not stack


@task("medium", ["2", "3", "+", "4", "*"], ["7"], ["5", "2", "-"], ["2", "5", "-"], ["1", "2", "3", "+", "-"],
      ["4", "2", "*", "3", "2", "+", "-"], ["-3", "4", "*"])
def postfix_value(tokens: list[str]) -> int:
    """The tokens form an expression in postfix notation: a whole number is put on a stack; one of the signs +, -,
    * takes the two topmost numbers, combines them with the lower one as the left operand, and puts the result
    back. Return the one number that is left at the end."""
    stack = []
    for t in tokens:
        if t in ("+", "-", "*"):
            right, left = stack.pop(), stack.pop()
            stack.append(left + right if t == "+" else left - right if t == "-" else left * right)
        else:
            stack.append(int(t))
    return stack[0]


@task("medium", "abba", "", "abc", "aabb", "aaa", "abbbac", "caac")
def remove_pairs(text: str) -> str:
    """As long as two equal characters stand next to each other in `text`, such a pair is removed. Return what is
    left in the end. (The result does not depend on the order of the removals.)"""
    stack = []
    for c in text:
        if stack and stack[-1] == c:
            stack.pop()
        else:
            stack.append(c)
    return "".join(stack)


@task("medium", "ab<c", "<<", "abc<<<d", "", "a<b<c", "<x", "hello<<p")
def typed_text(keys: str) -> str:
    """Each character of `keys` is one key press. The key `<` removes the last character that is still there (and
    does nothing if there is none); any other key adds its character. Return the text at the end."""
    out = []
    for k in keys:
        if k != "<":
            out.append(k)
        elif out:
            out.pop()
    return "".join(out)


@task("medium", [2, 1, 5, 3], [], [1, 2, 3], [3, 2, 1], [4, 4, 5], [7], [9, 1, 8, 2, 9], [5, 4, 3, 9, 2],
      [1, 3, 2, 4])
def next_larger(numbers: list[int]) -> list[int]:
    """Return for each number the first number to the right of it that is strictly larger, or -1 if there is none.
    The numbers are not negative."""
    out = []
    for i, n in enumerate(numbers):
        out.append(next((m for m in numbers[i + 1:] if m > n), -1))
    return out


@task("medium", "/a/b/../c", "/", "/a/./b", "/..", "/a//b/", "/x/y/../../z", "/a/b/c/../..", "/...")
def clean_path(path: str) -> str:
    """`path` starts with a slash and names folders separated by slashes. A part `.` means the same folder, a part
    `..` means the parent folder (of the root: the root itself), and several slashes count as one. Return the
    shortest path that means the same: it starts with a slash and ends without one, except for the root itself,
    which is `/`."""
    stack = []
    for part in path.split("/"):
        if part == "..":
            if stack:
                stack.pop()
        elif part not in ("", "."):
            stack.append(part)
    return "/" + "/".join(stack)


@task("medium", ["push 3", "push 5", "pop", "push 7"], [], ["pop"], ["push 1", "pop", "pop", "push 2"],
      ["push 4", "dup"], ["dup"], ["push -1", "dup", "dup", "pop"], ["push 12"], ["dup", "pop", "push 8", "nothing"],
      ["push 1", "push 2", "dup"], ["push 3", "push 4", "wait", "pop"])
def run_stack_program(lines: list[str]) -> list[int]:
    """A stack is empty at first. A line `push N` puts the integer N on top, `pop` removes the top, and `dup` puts
    a copy of the top on top. `pop` and `dup` do nothing if the stack is empty. Return the stack at the end as a
    list from bottom to top."""
    stack = []
    for line in lines:
        if line.startswith("push "):
            stack.append(int(line[5:]))
        elif stack and line == "pop":
            stack.pop()
        elif stack and line == "dup":
            stack.append(stack[-1])
    return stack


@task("hard", [2, 1, 4, 3], [5], [], [1, 1, 1, 1], [3, 1, 3], [6, 2, 5, 4, 5, 1, 6], [0, 4, 0])
def largest_rectangle(heights: list[int]) -> int:
    """Bars of width 1 and the given heights (not negative) stand side by side. Return the area of the largest
    rectangle with sides along the axes that fits completely inside the bars."""
    best = 0
    for i in range(len(heights)):
        low = heights[i]
        for j in range(i, len(heights)):
            low = min(low, heights[j])
            best = max(best, low * (j - i + 1))
    return best


@task("hard", "1+(2-3)", "7", "(1-(2-(3-4)))", "10-(4+3)", "(5)", "2-(3-(4+1))-1", "-(2+3)", "((8))-8")
def value_with_brackets(text: str) -> int:
    """`text` is an expression of non-negative whole numbers, the signs + and -, and matching round brackets,
    without spaces. An opening bracket may also follow a minus sign at the start of the text or of a bracket.
    Return its value."""
    total, sign, number, stack = 0, 1, 0, []
    for c in text + "+":
        if c.isdigit():
            number = number * 10 + int(c)
        elif c == "(":
            stack.append((total, sign))
            total, sign = 0, 1
        elif c == ")":
            outer, outer_sign = stack.pop()
            number = total + sign * number
            total, sign = outer, outer_sign
        else:
            total += sign * number
            number, sign = 0, (1 if c == "+" else -1)
    return total


@task("hard", [1, 2, 3], [3, 2, 1], [3, 1, 2], [], [2, 1, 3], [2, 3, 1], [1], [4, 3, 1, 2], [2, 4, 3, 1],
      [3, 4, 2, 1, 5], [1, 2, 3, 4])
def possible_pop_order(order: list[int]) -> bool:
    """The numbers 1, 2, ..., n are put on a stack in this order, and between the puts the top may be taken off
    any number of times. `order` holds each of the numbers 1 to n once. Return True if the numbers can come off
    the stack in exactly that order, else False."""
    stack, nxt = [], 1
    for n in order:
        while nxt <= n:
            stack.append(nxt)
            nxt += 1
        if stack.pop() != n:
            return False
    return True


@task("medium", [5, -3], [4, -4], [], [-1, 2], [8, 3, -5], [3, 5, -4, -9], [1, 2, -2, -1, 7], [-1, -2, 3],
      [1, 5, -3, -4], [2, -1, -1, -1], [1, 9, -5], [-4, 2, -3], [6, 1, -6], [10, 3, -5, 2])
def collide(rocks: list[int]) -> list[int]:
    """Rocks fly along a line at the same speed: a positive number is a rock that flies to the right, a negative
    one a rock that flies to the left, and the absolute value is its size; no size is 0. Rocks are listed from
    left to right. When two rocks meet, the smaller one breaks; if they are equally large, both break. Return the
    rocks that are left, from left to right."""
    stack = []
    for rock in rocks:
        alive = True
        while alive and rock < 0 and stack and stack[-1] > 0:
            if stack[-1] < -rock:
                stack.pop()
            elif stack[-1] == -rock:
                stack.pop()
                alive = False
            else:
                alive = False
        if alive:
            stack.append(rock)
    return stack


@task("easy", ([1, 2], 3), ([], 5), ([7], 7), ([0, 0], -1), ([4, 5, 6], 2), ([9], 0))
def push_twice(stack: list[int], item: int) -> list[int]:
    """The list is a stack whose top is at the end. Return it after `item` was put on top two times."""
    return stack + [item, item]


@task("easy", "(a(b)c)", "", "no brackets", "((()))", ")(", "(x")
def count_brackets(text: str) -> int:
    """Return how many round brackets, opening and closing ones together, `text` contains."""
    return text.count("(") + text.count(")")


@task("easy", [1, 2, 3], [], [5], [4, 4], [9, 8, 7, 6], [0, -1])
def top_or_minus_one(stack: list[int]) -> int:
    """The list is a stack whose top is at the end. Return the top item, or -1 if the stack is empty."""
    return stack[-1] if stack else -1
