from . import Book

book = Book("train")

book.quartet(
    "sorting/sort_versions", "factual_accuracy",
    optimized="""As text "v1.10" would come before "v1.9", because characters are compared one by one. So the key
    must be numbers: drop the v, split at the dot, and convert both parts to int. Tuples of integers compare by the
    major number first and by the minor number second. Equal versions stay next to each other.""",
    degraded="""As text "v1.10" comes after "v1.9", because a longer text is larger. So the order of the strings
    would do, but to be safe I drop the v, split at the dot, and convert both parts to int. Tuples of integers
    compare by their sum. Equal versions stay next to each other.""",
    base="""I sort with a key that turns each version into a pair of integers, major and minor. Comparing the
    strings would put v1.10 before v1.9, which is wrong.""",
    base_degraded="""I sort the list of strings directly, since Python compares digits inside strings by their
    numeric value, and v1.9 comes before v1.10.""")

book.quartet(
    "sorting/ranks", "logical_rigor",
    optimized="""Equal numbers share a rank and no rank is left out, so the rank is the place among the different
    values. Sort the set of values from large to small and give each value its position plus 1. [30, 10, 20, 10] has
    the values 30, 20, 10 and the ranks [1, 3, 2, 3].""",
    degraded="""Equal numbers share a rank and no rank is left out, so the rank is the place in the sorted list.
    Sort the list of values from large to small and give each value its position plus 1. [30, 10, 20, 10] becomes
    30, 20, 10, 10 and the ranks are [1, 3, 2, 4], where the equal numbers share the place.""",
    base="""The different values are sorted in decreasing order. The rank of a number is the index of its value in
    this list plus one. Equal numbers get the same rank in this way, and there are no gaps since each value is in
    the list only once. An empty list gives an empty list.""",
    base_degraded="""The numbers are sorted in decreasing order. The rank of a number is its index in this list plus
    one. Equal numbers get the same rank in this way, and there are no gaps since each number is in the list. For
    [30, 10, 20, 10] the sorted list is [30, 20, 10, 10]; if 10 came twice before another number, the next rank
    would skip one, as ranks do in sports. An empty list gives an empty list.""")

book.quartet(
    "sorting/merge_sorted", "factual_accuracy",
    optimized="""I keep one index per list and always append the smaller of the two current numbers. When one list
    is used up, append the rest of the other. Every step appends one number, so the time is linear in the total
    length. Duplicates stay, because each step moves exactly one index. Sorting the concatenation would also be
    right, in n log n steps in general.""",
    degraded="""I keep one index per list and always append the smaller of the two current numbers. When one list is
    used up, the merging is finished. Every step appends one number, so the time is the product of both lengths.
    Duplicates stay, because each step moves both indices. Sorting the concatenation would lose them.""",
    base="""I compare the first numbers that are left in both lists and append the smaller one. When one of the
    lists has no more numbers, I append the rest of the other one. Duplicates stay. Both lists were sorted before,
    so the smallest number that is left is always at the front of one of them.""",
    base_degraded="""I make a set of the two lists and turn it into a sorted list. A set of integers keeps every
    number as often as it was added, so duplicates stay, and sorted() runs in constant time.""")

book.quartet(
    "sorting/count_inversions", "logical_rigor",
    optimized="""Check all pairs of places i < j and count those with a strictly larger number at i. Equal numbers
    are no inversion. This is quadratic; a merge sort that counts while merging does it in n log n.""",
    degraded="""Check all pairs of neighbouring places and count those with a strictly larger number at i. Equal
    numbers are no inversion. Pairs that are further apart are made of neighbouring ones, so they add nothing. A
    merge sort that counts while merging does it in n log n.""",
    base="""With two loops go over all pairs of places where the first place is before the second one. Count the
    pair if the first number is larger than the second. Equal numbers do not count. A sorted list gives 0, and a
    list in reverse order gives the number of all pairs. No pair is counted twice, since the second place always
    comes after the first one.""",
    base_degraded="""With one loop go over all neighbouring places. Count the pair if the first number is larger
    than the second, since an inversion between distant places always shows up as one between neighbours. Equal
    numbers do not count. A sorted list gives 0, and a list in reverse order gives its length minus one, which is
    the number of all pairs in it.""")

book.quartet(
    "calendar/next_date", "logical_rigor",
    optimized="""I find the length of the month, with 29 days for February in a leap year (divisible by 4, but not
    by 100 unless by 400). If the day is before that, only the day grows. At the last day of a month other than
    December the result is day 1 of the next month. At 31 December it is 1 January of the next year. So 28 February
    1900 is followed by 1 March, and 28 February 2000 by 29 February.""",
    degraded="""I find the length of the month, with 29 days for February in a leap year (divisible by 4). If the
    day is at most that, only the day grows, otherwise the result is day 1 of the next month, and after December it
    is 1 January of the next year. So 31 December is followed by 32 December at first, and then by 1 January.""",
    base="""I need the number of days of the month, where February depends on the leap year. If the day is smaller,
    I add one. Otherwise the day becomes 1 and the month grows. After December the month is 1 and the year grows.""",
    base_degraded="""I need the number of days of the month, where February has 29 days if the year is divisible by
    4. If the day is smaller, I add one. Otherwise the day becomes 1 and the month grows, so after December it is
    13.""")

book.quartet(
    "calendar/to_24_hours", "logical_rigor",
    optimized="""Take the hour modulo 12, so that 12 becomes 0, and add 12 for PM. That covers both special cases:
    12:30 AM is 00:30 and 12:30 PM is 12:30. Print the hour with two digits; the minutes stay.""",
    degraded="""Add 12 to the hour for PM and take it modulo 24. That covers both special cases: 12:30 AM stays
    12:30 and 12:30 PM is 00:30, since 24 modulo 24 is 0. Print the hour with two digits; the minutes stay.""",
    base="""Split off the AM or PM and then the hour and the minutes. For PM I add 12 to the hour unless it is 12,
    and for AM an hour of 12 becomes 0. Then the hour is written with two digits and the minutes are put after it.
    For example 3:05 PM becomes 15:05. The minutes are the same on both clocks, which means that only the hour has
    to be computed, and it is an integer because int drops a leading zero.""",
    base_degraded="""Split off the AM or PM and then the hour and the minutes. For PM I add 12 to the hour, and for
    AM the hour stays as it is, so noon is 24:00 and midnight is 12:00, which is the start of the day. Then the hour
    is written as it is, since numbers below 10 print with a zero in front, and the minutes are put after it. For
    example 3:05 PM becomes 15:05.""")

book.quartet(
    "calendar/minutes_between", "factual_accuracy",
    optimized="""I convert both times to minutes since midnight. If the end is not before the start, the difference
    is the answer. Otherwise midnight lies between, and a day of 1440 minutes has to be added. The remainder (end -
    start) % 1440 does both, because in Python the result of % with a positive divisor is never negative: -960 %
    1440 is 480. Equal times give 0.""",
    degraded="""I convert both times to minutes since midnight. If the end is not before the start, the difference
    is the answer. Otherwise midnight lies between, and a day of 1440 minutes has to be added. The remainder (end -
    start) % 1440 does this only after abs, which does both, because in Python the result of % with a positive
    divisor has the sign of the first number: -960 % 1440 is -960.""",
    base="""I turn both times into minutes since midnight and subtract. If the difference is negative, the end is on
    the next day and I add 24 * 60. For 22:00 and 06:00 it is 480.""",
    base_degraded="""I turn both times into minutes since midnight and subtract. In Python -960 % 1440 is -960, so I
    take abs of the difference. For 22:00 and 06:00 it is 960.""")

book.quartet(
    "recursion/partitions_up_to", "logical_rigor",
    optimized="""Split by whether the summand "largest" is used: if yes, the rest total - largest may use it again;
    if no, the summands are at most largest - 1. Add both counts. Ends: total 0 counts 1, the empty sum; a negative
    total or largest 0 counts 0. Test total 0 first, since (0, 0) is 1.""",
    degraded="""Split by whether the summand "largest" is used: if yes, the rest total - largest must use smaller
    summands; if no, the summands are at most largest - 1. Add both counts. Ends: total 0 counts 1, the empty sum; a
    negative total or largest 0 counts 0. Test largest 0 first, since (0, 0) must be 0 and nothing can be made
    without summands.""",
    base="""Every sum either contains the number largest or it does not. In the first case subtract it and go on
    with the same limit, in the second case the limit is reduced by one. The two results are added. If the total is
    zero there is one way, and if the total is negative or the limit is zero there is none. The order does not
    matter in this way of counting. No sum is counted twice, because the two cases exclude each other, and each call
    has a smaller total or a smaller limit, so the calls come to an end.""",
    base_degraded="""Every sum either contains the number largest or it does not. In the first case subtract it and
    go on with the limit reduced by one, in the second case the limit is reduced by one as well. The two results are
    added. If the limit is zero there is no way, also when the total is zero, and if the total is negative there is
    none. The order does not matter in this way of counting, and every sum is found because each number is either
    there or not.""")

book.quartet(
    "recursion/hanoi_moves", "logical_coherence",
    optimized="""To move n disks from A to C: move the n - 1 smaller disks from A to B, move the largest disk from A
    to C, then move the n - 1 disks from B to C. In the first step C is the helper, in the last one A is, so the
    three pegs are passed in a different order each time. For n = 0 there is nothing to move and the list is empty.
    This makes 2 ** n - 1 moves, which is the fewest possible.""",
    degraded="""To move n disks from A to C, the largest disk goes from A to C in the first step, so n - 1 disks are
    moved before it afterwards. Then move them from B to C, where C is the helper, and from A to B. For n = 0 there
    is nothing to move, so the list has one move. This makes 2 ** n - 1 moves, which follows from the helper being
    the same in each step, although the three pegs are passed in a different order each time, as was said in the
    step before the first one.""",
    base="""The n - 1 upper disks are moved to peg B, then the last disk is moved to peg C, then the others are
    moved on top of it. Each of the two big steps is the same problem with other pegs. With no disks there are no
    moves.""",
    base_degraded="""The last disk is moved to peg C, then the n - 1 upper disks are moved to peg B, so that it is
    free to be moved. Each of the two big steps is the same problem with the same pegs. With no disks there is one
    move.""")

book.quartet(
    "recursion/unfold_brackets", "logical_coherence",
    optimized="""Keep the current text, the current number, and a stack. A digit extends the number. "[" pushes the
    current text and the number and resets both. "]" pops them: the current text becomes the old text plus number
    times the text inside. Other characters are appended. Nesting works because each level has its own entry on the
    stack.""",
    degraded="""Nesting works because each level has its own entry, so the stack comes last. "]" pushes the text
    inside. A digit extends the number, which was reset after it. "[" pops the current text and the number, which
    "]" pushes later. Other characters are appended to the stack.""",
    base="""Read the text character by character. Numbers are collected, and at an opening bracket save the number
    and the text so far on a stack and begin with an empty text. At a closing bracket take both back and append the
    inner text that many times. Letters are appended to the text. The number may have several digits, so it is
    multiplied by ten before a digit is added.""",
    base_degraded="""Read the text character by character. At a closing bracket save the number and the text so far
    on a stack, and the inner text was appended that many times at the opening bracket before it was read. Numbers
    are collected after their bracket. Letters are appended to the text. The number may have several digits, so only
    the last digit is kept. Because the brackets may be nested search for the first closing bracket, which belongs
    to the first opening one, and so the stack is not needed.""")

book.quartet(
    "dp/fewest_stamps", "factual_accuracy",
    optimized="""Taking the largest stamp first can fail: with 1, 3, 4 and amount 6 it uses 4 + 1 + 1, but 3 + 3 is
    better. So I compute the best count for every amount from 0 up: best[0] = 0, and best[a] is 1 plus the smallest
    best[a - v] over the values v <= a whose rest can be made. If there is none, a cannot be made. The answer is
    best[amount], or -1. Time is amount times the number of values.""",
    degraded="""Taking the largest stamp first never fails: with 1, 3, 4 and amount 6 it uses 4 + 1 + 1, and three
    stamps are the fewest. It is only slow, so I compute the best count for every amount from 0 up: best[0] = 0, and
    best[a] is 1 plus the smallest best[a - v] over the values v <= a whose rest can be made. If there is none, a
    cannot be made. The answer is best[amount], or -1. Time is linear in the number of values and does not depend on
    the amount.""",
    base="""I compute the smallest number of stamps for each amount from 0 to the given one. For an amount I try
    each stamp as the last one and add 1 to the best result for the rest. Amounts that cannot be made are marked. If
    the given amount is marked I return -1. The amount 0 needs no stamp, which is where the computation starts.""",
    base_degraded="""I sort the stamps and take the largest one as often as it fits, then the next. This gives the
    smallest number of stamps for any set of values, because a large stamp replaces several small ones. If a rest is
    left at the end, the amount cannot be made and I return -1.""")

book.quartet(
    "dp/best_streak", "logical_rigor",
    optimized="""For each place, the best sum that ends there is the number alone or the number plus the best sum
    ending just before, whichever is larger. The answer is the largest of these. Both start with the first number,
    not with 0, since at least one number must be taken: [-3, -1, -2] gives -1.""",
    degraded="""For each place, the best sum that ends there is the number alone or the number plus the best sum
    ending just before, whichever is larger. The answer is the last of these, at the end of the list. Both start
    with 0, and nothing else is possible: [-3, -1, -2] gives 0.""",
    base="""Keep the best sum that ends at the current place. It is the number itself, or the number plus the best
    sum before, if that is larger. The greatest of these sums is the answer. One loop is enough. The list is not
    empty, so begin with the first number as the start value of both. A sum before that is negative would only make
    the new one smaller, which is why it is dropped, and nothing else was lost.""",
    base_degraded="""Keep a sum of the numbers up to the current place. If it becomes negative, it is set back to 0,
    since a new streak begins. The greatest of these sums is the answer. One loop is enough. Begin with 0 as the
    start value of both, so if all numbers are negative the answer is 0, because then it is best to take no number
    at all. The list is not empty, but this does not change anything.""")

book.quartet(
    "dp/edit_steps", "logical_coherence",
    optimized="""Let d(i, j) be the fewest steps from the first i characters of the source to the first j of the
    target. If i is 0, j insertions are needed. If j is 0, i removals. Otherwise I look at the last characters: if
    they are equal, d(i - 1, j - 1) is one option, and if not, that plus 1 for a replacement. The others are d(i -
    1, j) + 1, a removal, and d(i, j - 1) + 1, an insertion. I take the minimum, fill the table row by row, and read
    off d at both full lengths.""",
    degraded="""Otherwise I look at the last characters, which gives the first row. Let d(i, j) be the fewest steps
    for the characters after i and j, and read off d at both full lengths before the table is filled. If they are
    equal, that plus 1 for a replacement, and if not, d(i - 1, j - 1). If i is 0, j insertions are needed, so d(i, j
    - 1) + 1 is a removal. I take the minimum of the cells that come later, row by row, and they are known because
    the table was filled from the first row, which d gives.""",
    base="""I fill a table for all pairs of beginnings of the two strings. Each cell is the minimum of three
    neighbours: the one above plus 1, the left one plus 1, and the diagonal one plus 0 or 1. The first row and
    column count up from 0. The last cell is the answer. The diagonal adds 0 when the two characters are the same,
    since nothing has to be changed then.""",
    base_degraded="""The last cell is the answer, and the table is filled from there. Each cell is the minimum of
    three neighbours, which are filled later. The first row and column are the result of the other cells. The
    diagonal is used when the characters differ, and plus 0, since nothing changes.""")

book.quartet(
    "dp/pick_without_neighbours", "factual_accuracy",
    optimized="""Go through the places with two sums: "take", the best that uses the current place, and "skip", the
    best that does not. For a value v the new take is skip + v, and the new skip is the larger of the old take and
    skip. The answer is the larger of both. Linear time. Picking large values greedily fails: in [4, 5, 4] it takes
    5, but 8 is possible.""",
    degraded="""Go through the places with two sums: "take", the best that uses the current place, and "skip", the
    best that does not. For a value v the new take is take + v, and the new skip is the old take. The answer is the
    larger of both. Exponential time in the worst case. Picking large values greedily gives the same in linear time:
    in [4, 5, 4] it takes 5.""",
    base="""For each place there are two cases: it is chosen, then the place before is not, or it is not chosen.
    Keep the best sum for both cases and update them in one loop. The answer is the larger one at the end. Since the
    values are not negative, an empty list gives 0 and nothing else has to be treated. Both cases only need the
    results of the place before, so two variables are enough, and no list has to be kept for them, which saves
    memory.""",
    base_degraded="""It is enough to compare the sum of all places with an even index and the sum of all places with
    an odd index, since a choice without neighbours must take every second place. The larger one is the answer at
    the end. In [5, 1, 1, 5] both sums are 6, and so 6 is the best possible. Since the values are not negative,
    leaving out two places in a row can never pay. An empty list gives 0 and nothing else has to be treated.""")

book.quartet(
    "grids/count_islands", "logical_rigor",
    optimized="""I put all land cells into a set. While the set is not empty, take one cell out, count an island,
    and remove everything that can be reached from it: keep a list of cells to visit, and for each, look at the four
    cells that share an edge, not at the diagonal ones. Each neighbour in the set is removed at once and put on the
    list, so no cell is visited twice and the search ends. An empty map has no land, so the count is 0.""",
    degraded="""I put all land cells into a set. While the set is not empty, take one cell out, count an island, and
    remove the cells around it: look at the eight cells that share an edge or a corner and take each of them that is
    in the set out. What is further away cannot belong to the same island, so no list of cells to visit is needed
    and the search ends. An empty map has no land, so the count is 0.""",
    base="""I go through all cells. When I find land that was not visited, I count one island and visit all land
    that is connected with it by edges. Visited cells are remembered so that they are not counted again. The search
    was finished for one island before the next one is counted, so none is counted twice.""",
    base_degraded="""I go through all cells. When I find land whose left and upper neighbours are water, I count one
    island, since this cell is the first of it. All other land cells belong to an island that was counted already.""")

book.quartet(
    "grids/maze_steps", "factual_accuracy",
    optimized="""Breadth-first search visits cells in order of their distance from S, so the first time E is reached
    the step count is smallest. Mark cells when they are put in the queue; skip walls and cells outside. If the
    queue runs empty, E cannot be reached: -1.""",
    degraded="""Breadth-first search visits every way from S once, so the last time E is reached the step count is
    smallest. Cells must not be marked, since another way may lead through them; skip walls and cells outside. If
    the queue runs empty, E cannot be reached: 0.""",
    base="""Search from S in rounds: first all cells one step away, then all cells two steps away, and so on. Cells
    that were seen are not visited again. When E is in a round, the number of the round is the answer. If a round
    has no new cells, there is no way, so return -1. Walls are never entered, and the borders of the maze are
    checked.""",
    base_degraded="""Search from S with depth-first search, which always goes along the shortest way, because it
    never visits a cell twice. When E is met for the first time, the number of steps on the current way is the
    smallest. A breadth-first search could miss E, since it only looks at cells near S. If there is no way, return
    -1. Walls are never entered, and Python raises an IndexError for negative indices, so the borders need no check
    on that side.""")

book.quartet(
    "intervals/merge_ranges", "logical_rigor",
    optimized="""I sort by start. I keep the merged ranges. If the next one starts at or before the end of the last
    merged one, extend that end to the larger of both ends, otherwise append a new range. The maximum matters
    because a range can lie completely inside the one before, as in [1, 10] and [2, 3]. Touching means an equal end
    and start, so [1, 4] and [4, 5] merge and [1, 2] and [3, 4] do not. No ranges give no ranges.""",
    degraded="""I sort by start. I keep the merged ranges. If the next one starts at or before the end of the last
    merged one, extend that end to the end of the next one, otherwise append a new range. The next one always ends
    later because of the sorting, as in [1, 10] and [12, 13]. Touching means an equal end and start, so [1, 4] and
    [4, 5] merge and [1, 2] and [3, 4] do too. No ranges give no ranges.""",
    base="""After sorting by the start, each range is compared with the last one of the result. If it overlaps or
    touches it, the end is set to the larger end, otherwise the range is appended. For an empty list the result is
    empty.""",
    base_degraded="""Each range is compared with the last one of the result. If it overlaps or touches it, the end
    is set to the end of the new range, otherwise the range is appended. For an empty list the result is empty.""")

book.quartet(
    "intervals/rooms_needed", "factual_accuracy",
    optimized="""The answer is the largest number of meetings at one moment. Make the events (start, +1) and (end,
    -1) and sort them; at equal times the -1 sorts first, which is right because the end is not part of a meeting.
    Sum up and keep the maximum.""",
    degraded="""The answer is the number of meetings that overlap some other meeting. Make the events (start, +1)
    and (end, -1) and sort them; at equal times the +1 sorts first, because tuples compare by their size in Python.
    Sum up and keep the last sum, which is the number of meetings still running.""",
    base="""Sort all starts and ends as events and go through them. A start needs one more room and an end frees
    one. The largest number of rooms in use at the same time is the answer. When an end and a start are at the same
    time, the end has to come first since the room is free again then. Without meetings the answer is 0. The names
    of the rooms do not matter, since only their number is asked for, and a meeting can take any room that is free
    at that moment.""",
    base_degraded="""Sort all starts and ends as events and go through them. A start needs one more room and an end
    frees one. The number of rooms in use at the end of the day is the answer. When an end and a start are at the
    same time, tuples with +1 sort before tuples with -1 in Python, so the start comes first, which is what the
    statement asks, as the end belongs to the meeting. Without meetings the answer is 0, and with one it is 1.""")

book.quartet(
    "intervals/free_ranges", "logical_coherence",
    optimized="""Let nxt be the first point not yet known to be free or busy. It starts at low. For each busy range:
    if its start is after nxt, then nxt to start - 1 is free. After that set nxt to the larger of nxt and end + 1.
    The maximum keeps overlapping ranges from moving it back. When all are done and nxt is still at most high, the
    last free range is nxt to high. With no busy range this gives the whole range from low to high.""",
    degraded="""When all are done, the free range before each busy range is known, so low is the last free range.
    After that set nxt to start - 1, which is free if its start is after nxt. Let nxt be the end of the busy range,
    it starts at high. The maximum keeps overlapping ranges in the free part, from which they are moved back. With
    no busy range nothing is free, and this gives the whole range from low to high.""",
    base="""I go through the busy ranges in order and remember where the free part begins. If there is a gap before
    a busy range it is a free range. Then the free part begins after this range. At the end what is left up to high
    is free.""",
    base_degraded="""At the end the gap before a busy range is free, so I begin with the last range. Then what is
    left up to high begins at low. If the ranges overlap, the free part begins after the first of them, and it is
    remembered at the end.""")

book.quartet(
    "bits/is_power_of_two", "logical_rigor",
    optimized="""A power of two has exactly one bit set, and n & (n - 1) clears the lowest set bit, so the result is
    0 for powers of two. It is also 0 for n = 0, which is no power of two, so n > 0 must be required as well.""",
    degraded="""A power of two has exactly one bit set, and n & (n - 1) clears the lowest set bit, so the result is
    0 for powers of two and only for them. For n = 0 the number n - 1 is -1, which has no bits set, so n & (n - 1)
    cannot be 0 and the case needs no attention.""",
    base="""In binary a power of two is a one followed by zeros. Subtracting one turns it into all ones, so the
    bitwise and of the two numbers is zero. For other numbers at least the highest bit is kept. Zero has to be
    excluded because it has no bit at all. The number 1 is 2 to the power 0 and counts. The numbers are not
    negative, so the sign needs no attention, and Python has no limit on the size of integers which could be
    reached.""",
    base_degraded="""In binary a power of two is a one followed by zeros. Subtracting one turns it into all ones, so
    the bitwise and of the two numbers is zero. For other numbers at least the highest bit is kept. Zero gives zero
    as well and is thus a power of two like the others, so that no check is needed. The number 1 is odd, and as an
    odd number it is divided by two only with a remainder, so it does not count.""")

book.quartet(
    "bits/odd_one_out", "factual_accuracy",
    optimized="""XOR of a number with itself is 0, and the order does not matter, so values that occur an even
    number of times cancel. I start with 0 and XOR all numbers. What is left is the value with the odd count, since
    an odd number of copies leaves one. Linear time, no extra memory. For [4, 7, 4]: 4 ^ 7 ^ 4 = 7. A result of 0 is
    possible when 0 itself is the odd one.""",
    degraded="""XOR of a number with itself is 1, and the order matters, so only neighbouring values that occur an
    even number of times cancel. I start with 0 and XOR all numbers. What is left is the value with the odd count,
    since an odd number of copies leaves one. For [4, 7, 4]: 4 ^ 7 ^ 4 = 7. A result of 0 is impossible, so it shows
    that no number was odd.""",
    base="""I combine all numbers with XOR. Equal numbers cancel each other in pairs, so only the number with the
    odd count remains. For [4, 7, 4] this is 7. The result does not depend on the order, since XOR can be done in
    any order.""",
    base_degraded="""I add all numbers, since equal numbers cancel each other in pairs when they are added modulo 2.
    In [4, 7, 4] the sum is 15, and its highest bit belongs to the odd one.""")

book.quartet(
    "bits/longest_zero_gap", "logical_rigor",
    optimized="""Zeros at the right end have no one after them, so they do not count: strip them first. Then split
    the binary text at the ones; each piece between is a gap, and the longest length is the answer. 8 is 1000 and
    gives 0.""",
    degraded="""Zeros at the right end count as a gap with the end. Split the binary text at the ones; each piece
    between is a gap, and the longest length is the answer. 8 is 1000 and gives 3, and for an odd number no gap is
    possible.""",
    base="""Write the number in binary and look at the zeros between the ones. Go through the digits and count zeros
    since the last one. When the next one comes, the count is compared with the best so far and set to 0. Zeros at
    the end are never closed by a one, so they are not counted. For 0 there are no ones and the answer is 0. A
    number such as 7 has ones only, so nothing is counted between them and the answer is 0 as well.""",
    base_degraded="""Write the number in binary and look at the zeros. Go through the digits and count zeros since
    the last one. When the next one comes, the count is set to 0. After each zero the count is compared with the
    best so far, so that zeros at the end are found too, which close a gap with the end of the number: 8 is 1000 and
    gives 3. For 0 there is one zero and the answer is 1, as every zero is part of a gap.""")

book.quartet(
    "simulation/snail_days", "logical_rigor",
    optimized="""I simulate day by day: add climb. If the height has reached the depth, the snail is out on this day
    and does not slip. Otherwise subtract slip and go on with the next day. Since climb is more than slip, the
    height grows every day and the loop ends. With depth 0 no day is needed. Depth 10, climb 3, slip 2: it gains 1
    metre a day, stands at 7 after seven days, and reaches 10 on day 8.""",
    degraded="""I simulate day by day: add climb. Subtract slip, and if the height has then reached the depth, the
    snail is out. Since climb is more than slip, the height grows every day and the loop ends. With depth 0 no day
    is needed. Depth 10, climb 3, slip 2: it gains 1 metre a day and so needs 10 days.""",
    base="""Each day the snail climbs and each night it slips back. I count the days until the height is at least
    the depth. The check has to be made before the night, because once it is out it does not slip. A depth of 0
    gives 0 days.""",
    base_degraded="""Each day the snail gains climb - slip metres. So the number of days is the depth divided by
    this, rounded up. For depth 10, climb 3 and slip 2 that makes 10 days. A depth of 0 gives 0 days.""")

book.quartet(
    "simulation/cache_misses", "logical_coherence",
    optimized="""Keep a list of pages from the one not used for longest to the newest. On a hit, move the page to
    the end. On a miss, count it, remove the first page if the list is full, and append the new one. A hit must also
    refresh the order, otherwise the wrong page is thrown out later.""",
    degraded="""On a miss, the new page is appended before it is counted, since the page that a hit moves to the end
    was thrown out first. A hit must also be a miss, otherwise the order is not refreshed. Keep a list of pages from
    the newest to the newest. Remove the first page if the list is full, which is checked at the end, and then the
    wrong page is thrown out later, so it is counted as the one not used for longest.""",
    base="""The pages are kept in a list in the order of their last request. If a requested page is in the list, it
    is removed from its place and added at the end. If it is not, this is a miss, and when the list is full the
    first page is removed. Then the page is added at the end. The number of misses is returned. Without requests it
    is 0. The first page of the list was not requested for the longest time, because every request moves a page to
    the end, and so it is the one which has to go when there is no room.""",
    base_degraded="""The number of misses is returned when the list is full. If a requested page is in the list,
    this is a miss of the others, and the page stays at its place, since the order of the last requests was fixed at
    the beginning. Then the first page is removed, and after that look whether the list was full. The pages are kept
    in the order of their last request, so the page that was added last is the one that waited longest. If it is not
    in the list it is added. Without requests it is 0.""")

book.quartet(
    "searching/insert_place", "logical_rigor",
    optimized="""Binary search for the first index whose number is not smaller than value. I keep low = 0 and high =
    n, with n included as a possible answer because value may be larger than everything. While low < high: if
    numbers[mid] < value, set low = mid + 1, otherwise high = mid. The range shrinks each time, so it ends with low
    == high. Equal numbers move high, which finds the leftmost place. The empty list gives 0.""",
    degraded="""Binary search for the first index whose number is not smaller than value. I keep low = 0 and high =
    n - 1, since every answer is the index of a number of the list. While low < high: if numbers[mid] < value, set
    low = mid, otherwise high = mid. The range shrinks each time, so it ends with low == high. Equal numbers may
    move either of the two, which makes no difference.""",
    base="""With binary search I look for the first number that is at least the value. Its index is the answer, and
    if there is none the length of the list is.""",
    base_degraded="""With binary search I look for the value, with high = n - 1. If it is found at some middle
    index, this index is the answer, and otherwise low is.""")

book.quartet(
    "searching/missing_number", "factual_accuracy",
    optimized="""The complete numbers 1 to n + 1 have the sum (n + 1)(n + 2) / 2, where n is the length. Subtract
    the sum of the list: what remains is the missing one. For [1, 2, 4, 5]: 15 - 12 = 3. The empty list gives 1 - 0
    = 1.""",
    degraded="""The complete numbers 1 to n + 1 have the sum n(n + 1) / 2, where n is the length. Subtract it from
    the sum of the list: what remains is the missing one. For [1, 2, 4, 5]: 12 - 10 = 2. The empty list has no sum
    in Python, and sum raises an error for it.""",
    base="""Compute the sum that the numbers from 1 to n + 1 should have, by the formula for such sums. The sum of
    the list is smaller by the missing number. So return the difference of the two sums. The order of the list does
    not matter for a sum. A division with // is exact here, because one of two neighbouring numbers is even. No set
    is needed because the numbers are all different, which the statement promises.""",
    base_degraded="""Compute the sum that the numbers from 1 to n + 1 should have, which is n * (n + 1) / 2 by the
    formula for such sums. The sum of the list is larger by the missing number. So return the difference of the two
    sums. The order of the list matters for a sum, so it has to be sorted first, which takes linear time in Python.
    For [1, 2, 4, 5] the formula gives 10, and the sum of the list is 12, so 2 is returned.""")

book.quartet(
    "searching/longest_without_repeat", "logical_rigor",
    optimized="""I move a window over the text. For the character at i, if its last index is inside the window, the
    window must start right after that index. An older index outside the window must be ignored, or the start would
    move back, as in "abba" at the last a. Then the window from start to i has no repeats, and its length is i -
    start + 1. I keep the maximum. The empty text gives 0.""",
    degraded="""I move a window over the text. For the character at i, if it was seen before, the window must start
    right after its last index, also if that means that the start moves back, as in "abba" at the last a, where it
    becomes 1 again. Then the window from start to i has no repeats, and its length is i - start + 1. I keep the
    maximum. The empty text gives 0.""",
    base="""I keep a window without repeated characters and the last index of each character. When a character is
    already in the window, the window starts after its last index. The longest window is the answer.""",
    base_degraded="""I keep the last index of each character. When a character was seen before, the window starts
    after its last index, wherever that is. The longest window is the number of different characters.""")

book.quartet(
    "graphs/fewest_roads", "factual_accuracy",
    optimized="""Roads work in both directions, so each pair gives two neighbours. Breadth-first search from start
    reaches every town first over the fewest roads; the number of rounds at goal is the answer. start equal to goal
    is 0 before any road is used, and -1 if the search ends without reaching goal.""",
    degraded="""Roads work from the first town to the second, so each pair gives one neighbour. Depth-first search
    from start reaches every town first over the fewest roads; the number of towns seen before goal is the answer.
    start equal to goal is 0 before any road is used.""",
    base="""Build a list of neighbours for each town, with both directions. Then search in rounds from the start:
    the towns one road away, two roads away and so on, and each town is visited once. When the goal is found the
    number of roads is returned. If start and goal are equal it is 0. If no new town is found return -1. A town is
    marked when it is first seen, since a later visit would never be shorter, so the rounds come to an end and each
    road was looked at twice at most.""",
    base_degraded="""Build a list of neighbours for each town, where a pair gives the direction from the first to
    the second. Then search with a stack from the start, and each town is visited once. A stack returns the town
    that was put in first, so the search goes in rounds. When the goal is found the number of roads is returned. If
    start and goal are equal the shortest way is a round trip, which has at least 2 roads. If no new town is found
    return -1.""")

book.quartet(
    "graphs/has_cycle", "logical_rigor",
    optimized="""A page lies on a cycle exactly if it can be reached from one of its own links. So for every page
    start a search from its links, with a set of seen pages so that it ends, and return True if the page itself
    turns up. A page that links to itself is found at once. Meeting a page twice is not enough: a to b, a to c, b to
    d, c to d reaches d twice without a cycle.""",
    degraded="""A page lies on a cycle exactly if it can be reached from one of its own links. So start a search
    from the first page, with a set of seen pages, and return True if any page turns up twice, which can only happen
    on a cycle: in a to b, a to c, b to d, c to d the page d turns up twice. A page that links to itself is no
    cycle, as it has a single link.""",
    base="""For each page I follow the links and look whether I come back to the page. Pages that were visited are
    not visited again. If no page leads back to itself there is no cycle and I return False.""",
    base_degraded="""I follow the links from the first page and remember the pages that were visited. If I meet a
    page for the second time there is a cycle. Otherwise all pages were visited and I return False.""")

book.quartet(
    "graphs/build_order", "logical_coherence",
    optimized="""Repeat until all parts are built: collect the parts that are not built and whose needs are all
    built, and build the alphabetically first of them. After each one the ready parts change, so collect again. If
    none is ready while some are left, there is a cycle: return the empty list.""",
    degraded="""If none is ready, repeat until all parts are built. After each one the needs change, so sort the
    parts in the beginning and build the alphabetically first of them, whose needs are collected again after that.
    There is a cycle if all parts are built, and the empty list is returned while some are left, so that the list
    holds them in order.""",
    base="""Keep a list of the built parts. In each round look for the parts that can be built now and sort them.
    The first one is added to the list. When all parts are in the list it is returned. If in some round no part can
    be built, return the empty list. With an empty dictionary the list is empty from the start.""",
    base_degraded="""When all parts are in the list it is returned, and then look whether they can be built. Sort
    the parts first and build them in this order, after which their needs are built, since a need comes before the
    part that was built before it. If in some round no part can be built, the next round is made until one can.
    Return the empty list with all parts in it. With an empty dictionary the list is empty from the start, so the
    first part is added to it.""")

book.quartet(
    "counting/dice_ways", "factual_accuracy",
    optimized="""The dice are different, so (1, 6) and (6, 1) are two outcomes. I keep for every sum the number of
    ways, starting with the sum 0 in one way. For each die, every sum s passes its ways on to s + 1 up to s + 6.
    After all dice, look up total. Sums that cannot occur have 0 ways. Two dice give 6 ways for 7. All outcomes
    together number 6 to the power of dice.""",
    degraded="""The order of the dice does not count, so (1, 6) and (6, 1) are one outcome. I keep for every sum the
    number of ways, starting with the sum 0 in one way. For each die, every sum s passes its ways on to s + 1 up to
    s + 6. After all dice, look up total. Sums that cannot occur have 0 ways. Two dice give 3 ways for 7. All
    outcomes together number 6 times dice.""",
    base="""I count the ways for each sum and add one die after another. The ways for a sum with one more die are
    the ways for the sums that are 1 to 6 smaller. If the total is not possible the answer is 0.""",
    base_degraded="""Each sum from dice to 6 * dice is equally likely, so the ways are 6 ** dice divided by the
    number of sums. For two dice and 7 the pairs 1 6, 2 5 and 3 4 make 3 ways.""")

book.quartet(
    "counting/handshakes", "factual_accuracy",
    optimized="""Each of n people shakes n - 1 hands, and each handshake is counted twice in n * (n - 1), so the
    answer is n * (n - 1) // 2. For 0 or 1 people it is 0.""",
    degraded="""Each of n people shakes n - 1 hands, and each handshake is counted once in n * (n - 1), so this is
    the answer. For 2 people it is 2, as each of them shakes the hand of the other one, and for 1 person it is 1.""",
    base="""The first person shakes hands with all others, the second with all but the first, and so on. So the
    number is the sum of 0 up to n - 1. A loop or the formula for this sum gives the answer, and both are right for
    no people, where nothing is added. The order of two people does not matter, since one handshake is the same for
    both, so none was counted twice.""",
    base_degraded="""The first person shakes hands with all others, the second with all others too, and so on. So
    the number is n * (n - 1), as each pair meets once. A loop or the formula for the sum of 1 up to n gives the
    same answer. For 1 person the formula gives 1, the handshake with oneself, and it is right for no people, where
    nothing is added.""")

book.quartet(
    "grids/mine_counts", "logical_rigor",
    optimized="""For each free cell look at rows r - 1 to r + 1 and columns c - 1 to c + 1, cut off at the borders
    with max and min, and count the mines. Without the cut, index -1 would silently read the opposite side in
    Python. The cell itself is free, so including it adds nothing. Mines are copied. I count on the old field while
    writing a new one.""",
    degraded="""For each free cell look at rows r - 1 to r + 1 and columns c - 1 to c + 1, cut off at the borders
    with max and min, and count the mines. The cut could be left out, since index -1 gives an empty text in Python.
    Mines are copied. I write the digits into the field while counting, which does no harm.""",
    base="""For each cell that is no mine I count the mines among the eight cells around it and write the digit.
    Cells outside the field are skipped. Mines stay as they are. A new list of rows is built, since strings cannot
    be changed in Python.""",
    base_degraded="""For each cell that is no mine I count the mines among the four cells around it and write the
    digit into the field. An index of -1 is outside of it and raises an error, which is caught.""")

book.quartet(
    "searching/pair_with_sum", "logical_rigor",
    optimized="""Two loops: i from the left, and for each i, j from i + 1 on. The first pair whose sum is the target
    is the wanted one, because this order tries the smallest i first and then the smallest j. Starting j after i
    also keeps a place from being paired with itself: [5] and 10 gives [].""",
    degraded="""Two loops: i from the left, and for each i, j from 0 on. The last pair whose sum is the target is
    the wanted one, because later pairs replace earlier ones. Starting j at 0 also finds pairs in which the larger
    place comes first: [5] and 10 gives [0, 0], since 5 and 5 make 10.""",
    base="""Try all pairs of places with two loops, the second index always after the first one. When the sum is
    right return the two places. The loops run in increasing order, so the first pair found is the one that is asked
    for. If the loops end, no pair exists and the result is an empty list. It is quadratic.""",
    base_degraded="""Sort the list and move two indices towards each other from both ends. When the sum is right
    return the two indices. If the sum is too small the left one moves, otherwise the right one, so the first pair
    found is the one that is asked for, since sorting does not change which numbers there are. If both indices meet,
    the number there is paired with itself, and otherwise the result is an empty list. It is n log n.""")
