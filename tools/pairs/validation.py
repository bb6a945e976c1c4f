from . import Book

book = Book("validation")

book.problem(
    "extra/count_vowel_groups", "count_vowel_groups(word: str) -> int",
    """Return how many groups of neighbouring vowels (a, e, i, o, u in lower case) the lowercase word has. Vowels
    that stand next to each other belong to the same group.""",
    'count_vowel_groups("beautiful") == 3',
    'count_vowel_groups("rhythm") == 0')

book.quartet(
    "extra/count_vowel_groups", "logical_rigor",
    optimized="""A new group starts at each vowel that is the first letter or that follows a letter which is no
    vowel. Counting these starts counts the groups. In "beautiful" they are "eau", "i" and "u", so there are 3.
    Without vowels, or with an empty word, the count is 0.""",
    degraded="""A new group starts at each vowel that is not the first letter and that differs from the letter
    before. Counting these starts counts the groups. In "beautiful" they are e, a, u, i and u, and two of them are
    equal, so there are 3. Without vowels, or with an empty word, the count is 0.""",
    base="""To count the groups, we go through the word and remember whether the letter before was a vowel.

    1. **Vowel after no vowel**: the count grows by one.

    2. **Vowel after a vowel**: it belongs to the same group.

    3. **Return** the count at the end.""",
    base_degraded="""To count the groups, we go through the word and remember whether the letter before was a vowel.

    1. **Vowel after no vowel**: the count grows by one.

    2. **Vowel after a vowel**: the count grows by one as well, because each vowel is a group.

    3. **Return** the count at the end.""")

book.problem(
    "extra/second_largest", "second_largest(numbers: list[int]) -> int",
    """Return the second largest of the different values in the list, or -1 if the list has fewer than two different
    values. The numbers are not negative.""",
    'second_largest([4, 9, 9, 7]) == 7',
    'second_largest([5, 5]) == -1')

book.quartet(
    "extra/second_largest", "logical_rigor",
    optimized="""Equal numbers count once, so the values go into a set first. If the set has fewer than two elements
    the answer is -1, otherwise it is the second of the values in decreasing order. For [4, 9, 9, 7] the different
    values are 9, 7 and 4, and 7 is the answer. Sorting the list without the set would give 9.""",
    degraded="""The values are sorted in decreasing order first. If the list has fewer than two elements the answer
    is -1, otherwise it is the second element. For [4, 9, 9, 7] the order is 9, 9, 7, 4, and 7 is the answer,
    because it is the second value that one meets from there.""",
    base="""To find the second largest value, we need the distinct values of the list.

    1. **Remove duplicates** by converting the list to a set.

    2. **Check the size**: with fewer than two values return -1.

    3. **Remove the maximum** and return the maximum of the rest.

    This approach is easy to read, and it uses only built-in functions of Python. The set needs some extra memory,
    which is no problem for lists of usual size. The function returns an integer in every case, as the signature
    says.""",
    base_degraded="""To find the second largest value, we need the distinct values of the list.

    1. **Remove the maximum** once from the list.

    2. **Check the size**: with no values left return -1.

    3. **Return** the maximum of the rest, which is smaller than the first one.

    This approach is easy to read, and it uses only built-in functions of Python. The set needs some extra memory,
    which is no problem for lists of usual size. The function returns an integer in every case, as the signature
    says.""")

book.problem(
    "extra/sum_of_multiples", "sum_of_multiples(limit: int, a: int, b: int) -> int",
    """Return the sum of all positive integers below `limit` that are divisible by `a` or by `b` (or by both; such a
    number is added once). `a` and `b` are positive.""",
    'sum_of_multiples(10, 3, 5) == 23',
    'sum_of_multiples(1, 2, 3) == 0')

book.quartet(
    "extra/sum_of_multiples", "factual_accuracy",
    optimized="""All integers from 1 to limit - 1 are tested, and a number is added if n % a == 0 or n % b == 0. The
    word "or" makes sure that a common multiple such as 15 is added once. range(1, limit) ends before limit, as
    required, and for limit 1 it is empty, so the sum is 0. Below 10 the numbers 3, 5, 6 and 9 make 23.""",
    degraded="""All integers from 1 to limit - 1 are tested, and a number is added if n % a == 0 or n % b == 0. The
    word "or" in Python is true only if one of the two holds, so 15 is not added. range(1, limit) includes limit.
    Below 10 the numbers 3, 5, 6 and 9 make 23.""",
    base="""To compute the sum, we loop over the numbers below the limit.

    1. **Initialize** a total of 0.

    2. **Check** every number from 1 to limit - 1: if it is divisible by a or by b, add it.

    3. **Return** the total.

    The loop looks at each number once, so the time grows with the limit. The remainder operator tells whether a
    number is divisible. The total is an integer, and it is returned after the loop has ended. No list of the
    numbers has to be kept, which saves memory.""",
    base_degraded="""To compute the sum, we loop over the numbers below the limit.

    1. **Initialize** a total of 0.

    2. **Check** every number from 1 to limit: if it divides a or b, add it.

    3. **Return** the total.

    The loop looks at each number once, so the time grows with the limit. The remainder operator tells whether a
    number is divisible. The total is an integer, and it is returned after the loop has ended. No list of the
    numbers has to be kept, which saves memory.""")

book.problem(
    "extra/balance_point", "balance_point(numbers: list[int]) -> int",
    """Return the smallest index at which the sum of all numbers before it equals the sum of all numbers after it,
    or -1 if there is no such index. The sum of no numbers is 0.""",
    'balance_point([1, 4, 2, 5]) == 2',
    'balance_point([1, 2]) == -1')

book.quartet(
    "extra/balance_point", "logical_rigor",
    optimized="""Let total be the sum of the list and left the sum before index i, which starts at 0. The sum after
    i is total - left - numbers[i]. The first i with equal sums is returned; otherwise numbers[i] is added to left.
    The number at i itself belongs to neither side. Index 0 and the last index are tested like the others, since an
    empty side has the sum 0, and an empty list gives -1. This is linear.""",
    degraded="""Let total be the sum of the list and left the sum before index i, which starts at 0. The sum after i
    is total - left. The first i with equal sums is returned; otherwise numbers[i] is added to left. The number at i
    itself belongs to the right side. Index 0 and the last index are left out, since they have one side only, and an
    empty list gives -1. This is linear.""",
    base="""For every index I compare the sum of the slice before it with the sum of the slice after it. The first
    index with equal sums is the answer, and without one it is -1. The slices of the ends may be empty. The slices
    are made with the index, and the function sum adds the numbers of a slice. It is a direct way to do what the
    statement says, and it needs no further variable. The time is quadratic in the length of the list, which is no
    problem for short lists, but it would be slow for very long ones.""",
    base_degraded="""For every index I compare the sum of the slice before it with the sum of the slice from it to
    the end. The first index with equal sums is the answer, and without one it is -1. The slices are never empty.
    The slices are made with the index, and the function sum adds the numbers of a slice. It is a direct way to do
    what the statement says, and it needs no further variable. The time is quadratic in the length of the list,
    which is no problem for short lists, but it would be slow for very long ones.""")

book.problem(
    "extra/top_words", "top_words(words: list[str], count: int) -> list[str]",
    """Return the `count` most frequent different words of the list, the most frequent first. Words that are equally
    frequent are in alphabetical order. If there are fewer different words, return all of them.""",
    'top_words(["b", "a", "b", "c"], 2) == ["b", "a"]',
    'top_words([], 3) == []')

book.quartet(
    "extra/top_words", "factual_accuracy",
    optimized="""Two orders are needed at once: falling by count and rising by the word. Sorting with the key
    (-count, word) does both, since tuples compare from left to right. Counter.most_common alone is not enough,
    because it leaves equal counts in the order of their first occurrence. A slice of the first entries never fails
    when there are fewer words.""",
    degraded="""Two orders are needed at once: falling by count and rising by the word. Sorting with the key (count,
    word) and reverse does both, since reverse only applies to the first part of a tuple. Counter.most_common alone
    is enough too, because it puts equal counts in alphabetical order. A slice of the first entries raises an
    IndexError when there are fewer words.""",
    base="""To find the top words, we count and sort.

    1. **Count** the words with a dictionary.

    2. **Sort** the words by count in descending order, and alphabetically when the counts are equal.

    3. **Return** the first entries of the sorted list.

    A dictionary is a good choice for counting, since reading and changing an entry is fast. The sort needs the
    count of each word, which is looked up in the dictionary. The result is a list of words without their counts, as
    in the examples of the task.""",
    base_degraded="""To find the top words, we count and sort.

    1. **Count** the words with a dictionary.

    2. **Sort** the words alphabetically and then reverse the list, which puts the most frequent ones first.

    3. **Return** the first entries of the sorted list.

    A dictionary is a good choice for counting, since reading and changing an entry is fast. The sort needs the
    count of each word, which is looked up in the dictionary. The result is a list of words without their counts, as
    in the examples of the task.""")

book.problem(
    "extra/water_held", "water_held(heights: list[int]) -> int",
    """The list gives the heights of walls of width 1 that stand side by side. After rain, water stands on a wall as
    high as the lower one of the highest wall on its left and the highest wall on its right (if that is above the
    wall). Return the total amount of water.""",
    'water_held([3, 0, 2]) == 2',
    'water_held([1, 2, 3]) == 0')

book.quartet(
    "extra/water_held", "logical_rigor",
    optimized="""The water above a wall is min(left maximum, right maximum) minus its height, where both maxima
    include the wall itself, so the difference is never negative. The first and the last wall hold nothing, because
    one of their maxima is their own height. For [3, 0, 2]: the middle wall has maxima 3 and 2, so 2 units.
    Precomputing the maxima makes it linear.""",
    degraded="""The water above a wall is the left neighbour minus its height, where negative differences are added
    as well, so they cancel what was too much. The first and the last wall hold as much as the others. For [3, 0, 2]
    the middle wall has the neighbour 3, so 3 units, and the last one takes 1 away. Precomputing the maxima makes it
    linear.""",
    base="""To compute the water, we look at each wall.

    1. **Left maximum**: the highest wall up to this one.

    2. **Right maximum**: the highest wall from this one on.

    3. **Add** the smaller of the two minus the height of the wall.

    The sum over all walls is the answer.

    The maxima can be computed with max and a slice for each wall, which is easy to write. The sum is an integer
    because all heights are integers. The walls themselves are not changed, and each of them is looked at on its
    own, so the order of the walls in the loop does not matter.""",
    base_degraded="""To compute the water, we look at each wall.

    1. **Left maximum**: the highest wall up to this one.

    2. **Right maximum**: the highest wall from this one on.

    3. **Add** the larger of the two minus the height of the wall.

    The sum over all walls is the answer.

    The maxima can be computed with max and a slice for each wall, which is easy to write. The sum is an integer
    because all heights are integers. The walls themselves are not changed, and each of them is looked at on its
    own, so the order of the walls in the loop does not matter.""")

book.problem(
    "extra/run_robot", "run_robot(program: str, times: int) -> list[int]",
    """A robot stands at `[0, 0]` and looks north (towards larger y). Its program is a string: F moves one step
    forward, L turns left and R turns right by a quarter turn. The program runs `times` times in a row. Return the
    position `[x, y]` at the end.""",
    'run_robot("FR", 4) == [0, 0]',
    'run_robot("FFL", 1) == [0, 2]')

book.quartet(
    "extra/run_robot", "logical_coherence",
    optimized="""The state of the robot is its position and its direction, and both are kept from one run of the
    program to the next.

    1. **Directions** are numbered clockwise: north, east, south, west. R adds 1 and L subtracts 1, modulo 4.

    2. **Steps**: F adds the vector of the current direction to the position.

    3. **Repeat** the program the given number of times and return the position.

    With "FR" four times the robot walks round a square and is back at the start.""",
    degraded="""The state of the robot is its position, and the direction is found at the end.

    1. **Repeat** the position the given number of times and return the program.

    2. **Steps**: F subtracts the vector of the next direction, after which R and L are read, modulo 4.

    3. **Directions** are then numbered: north is the direction after the last step, so the first step was made
    before it.

    With "FR" four times the robot never moves.""",
    base="""I keep x, y and the direction as a vector. On F the vector is added to the position, on L and R it is
    turned by swapping its parts with the right sign. The direction is not reset when the program starts again. At
    the end I return the position.""",
    base_degraded="""At the end I return the position and then keep x, y and the direction as a vector. The
    direction is reset when the program starts again, because it was not changed by L and R, which turn the
    position. On F the vector is turned, and the position is added to the direction.""")

book.problem(
    "extra/count_days_over", "count_days_over(temperatures: list[int], limit: int) -> int",
    """Return the length of the longest series of consecutive days with a temperature strictly above `limit`.""",
    'count_days_over([20, 26, 27, 25, 28], 25) == 2',
    'count_days_over([], 10) == 0')

book.quartet(
    "extra/count_days_over", "logical_coherence",
    optimized="""Keep the length of the current series and the best length. For each day: above the limit, the
    current length grows by 1 and the best is updated; otherwise the current length goes back to 0. The best length
    is the answer. A day equal to the limit ends the series, because the task says strictly above. No days give 0.""",
    degraded="""Keep the best length, which goes back to 0 for each day. A day equal to the limit continues the
    series, because it ends it. Above the limit, the best is the answer; otherwise the current length grows by 1 and
    the task says strictly above. The best one was updated before it was known.""",
    base="""To find the longest series, we iterate over the days.

    1. **Count** the days above the limit in a row.

    2. **Reset** the count to 0 on any other day.

    3. **Remember** the largest count and return it.""",
    base_degraded="""To find the longest series, we iterate over the days.

    1. **Return** the largest count.

    2. **Reset** the count to 0 before each day, so that the days are in a row.

    3. **Remember** the days above the limit, which were returned, and then count them.""")

book.problem(
    "extra/share_candies", "share_candies(candies: int, children: int) -> list[int]",
    """Candies are handed out one by one in a circle: the first child gets one, then the second, and so on, and
    after the last child the first one again, until no candies are left. Return how many candies each child has.
    `children` is at least 1.""",
    'share_candies(7, 3) == [3, 2, 2]',
    'share_candies(2, 4) == [1, 1, 0, 0]')

book.quartet(
    "extra/share_candies", "factual_accuracy",
    optimized="""Every child gets candies // children, and the first candies % children of them get one more. No
    loop over the candies is needed, so it is also fast for large numbers. For 7 and 3 the quotient is 2 and the
    remainder 1, which gives [3, 2, 2]. With fewer candies than children the quotient is 0 and the remainder is
    candies itself.""",
    degraded="""Every child gets candies // children, and the last candies % children of them get one more. No loop
    over the candies is needed, so it is also fast for large numbers. For 7 and 3 the quotient is 2 and the
    remainder 1. The other cases follow from this.""",
    base="""To share the candies, we simulate the circle.

    1. **Create** a list of zeros, one for each child.

    2. **Hand out** the candies: candy number i goes to the child at index i modulo the number of children.

    3. **Return** the list.

    The list has one entry for each child from the start, so children who get nothing have a 0. The modulo operator
    brings the index back to the first child after the last one. The sum of the list is the number of candies, which
    is a good way to test the result by hand.""",
    base_degraded="""To share the candies, we simulate the circle.

    1. **Create** a list of zeros, one for each child.

    2. **Hand out** the candies: candy number i goes to the child at index i divided by the number of children.

    3. **Return** the list.

    The list has one entry for each child from the start, so children who get nothing have a 0. The modulo operator
    brings the index back to the first child after the last one. The sum of the list is the number of candies, which
    is a good way to test the result by hand.""")

book.problem(
    "extra/count_anagram_pairs", "count_anagram_pairs(words: list[str]) -> int",
    """Return the number of pairs of places i < j whose words are made of exactly the same letters, each equally
    often.""",
    'count_anagram_pairs(["ab", "ba", "abb"]) == 1',
    'count_anagram_pairs(["a", "a", "a"]) == 3')

book.quartet(
    "extra/count_anagram_pairs", "factual_accuracy",
    optimized="""Two words are anagrams exactly if their sorted letters are equal. Counting how often each sorted
    form occurs is enough: a form with k words makes k * (k - 1) / 2 pairs. Equal words count as well, so ["a", "a",
    "a"] has 3 pairs. This takes one pass over the words, while comparing all pairs is quadratic.""",
    degraded="""Two words are anagrams exactly if their sets of letters are equal. Counting how often each sorted
    form occurs is enough: a form with k words makes k - 1 pairs. Equal words count as well, so ["a", "a", "a"] has
    2 pairs and the third one is a repetition. This takes one pass over the words, while comparing all pairs is
    quadratic.""",
    base="""To count the pairs, we compare all pairs of words.

    1. **Loop** over i and over j > i.

    2. **Compare** the sorted letters of both words.

    3. **Increase** the count when they are equal, and return it at the end.

    The two loops make sure that no word is paired with itself, since j starts after i. Sorting the letters of a
    word gives a list, and two lists can be compared directly. The count is an integer that starts at 0 and is 0 for
    an empty list as well.""",
    base_degraded="""To count the pairs, we compare all pairs of words.

    1. **Loop** over i and over j > i.

    2. **Compare** the lengths of both words, since anagrams have the same length.

    3. **Increase** the count when they are equal, and return it at the end.

    The two loops make sure that no word is paired with itself, since j starts after i. Sorting the letters of a
    word gives a list, and two lists can be compared directly. The count is an integer that starts at 0 and is 0 for
    an empty list as well.""")

book.quartet(
    "arithmetic/clamp", "logical_rigor",
    optimized="""There are three cases: below low the answer is low, above high it is high, and in between it is the
    value. max(low, min(high, value)) covers all of them, because the inner min cuts at the top and the outer max
    cuts at the bottom. At the limits themselves both give the same, and low equal to high works as well.""",
    degraded="""There are three cases: below low the answer is low, above high it is high, and in between it is the
    value. min(low, max(high, value)) covers all of them, because the inner max cuts at the top and the outer min
    cuts at the bottom. At the limits themselves the value is not between them, so low is the answer there.""",
    base="""To clamp the value, we compare it with both limits.

    1. **Smaller than low**: return low.

    2. **Larger than high**: return high.

    3. **Otherwise**: return the value.""",
    base_degraded="""To clamp the value, we compare it with both limits.

    1. **Smaller than low**: return high, as the value is out of range.

    2. **Larger than high**: return high.

    3. **Otherwise**: return the value.""")

book.quartet(
    "dp/best_single_trade", "logical_rigor",
    optimized="""The day of buying must come before the day of selling, so the largest price minus the smallest is
    not always possible. Go through the prices and keep the lowest one so far. The gain when selling today is the
    price minus that lowest one, and the best gain starts at 0, which covers falling prices and an empty list. One
    pass is enough.""",
    degraded="""The day of buying is the day of the smallest price and the day of selling is the day of the largest,
    so their difference is the gain. Go through the prices and keep both. If the prices fall all the time the
    difference is positive too, which covers this case, and an empty list has the difference 0. One pass is enough.""",
    base="""I compare every pair of days where the second one is later and take the largest difference of the
    prices. If no difference is positive the answer is 0. This is quadratic, but it is simple. The two loops are
    nested, and the inner one begins one day after the outer one. A variable holds the best difference so far, and
    it is replaced whenever a larger one is found. At the end it is returned. Prices are integers, so the gain is
    one as well.""",
    base_degraded="""I compare every pair of days and take the largest difference of the prices. The absolute value
    is taken, so no difference is negative. This is quadratic, but it is simple. The two loops are nested, and the
    inner one begins one day after the outer one. A variable holds the best difference so far, and it is replaced
    whenever a larger one is found. At the end it is returned. Prices are integers, so the gain is one as well.""")

book.quartet(
    "words/longest_word", "factual_accuracy",
    optimized="""split without an argument cuts at runs of spaces and gives no empty words. max with the key len
    returns the first of several longest words, because it only replaces the current one when the new key is
    strictly larger. For an empty list max raises a ValueError, so a default of the empty string is passed.""",
    degraded="""split without an argument cuts at runs of spaces and gives no empty words. max with the key len
    returns the last of several longest words, because it replaces the current one when the new key is equal, so the
    list is reversed before. For an empty list max returns the empty string, so no default is passed.""",
    base="""To find the longest word, we split the text and compare the lengths.

    1. **Start** with the empty string as the longest word.

    2. **For each word**, if it is longer than the longest one so far, keep it.

    3. **Return** the longest word.

    The length of a word is given by the function len. The words are looked at from left to right, as they come in
    the text. After the loop the variable holds a word of the text, or the empty string if there was none, and it is
    returned without any change.""",
    base_degraded="""To find the longest word, we split the text and compare the lengths.

    1. **Start** with the empty string as the longest word.

    2. **For each word**, if it is at least as long as the longest one so far, keep it, so that the first one stays.

    3. **Return** the longest word.

    The length of a word is given by the function len. The words are looked at from left to right, as they come in
    the text. After the loop the variable holds a word of the text, or the empty string if there was none, and it is
    returned without any change.""")

book.quartet(
    "simulation/last_in_circle", "logical_coherence",
    optimized="""Keep the people in a list and the index where counting starts, at first 0. The one to leave is at
    (index + step - 1) modulo the current number of people. After removing this person, the same index points to the
    next person, so counting goes on from there without a change. Repeat this until one person is left. With one
    person at the start, nobody leaves.""",
    degraded="""Keep the index where counting starts, which is the person who is left. Repeat this until the list is
    known. After removing the next person, the same index points to the one who left, so counting goes on before
    that person is removed. The one to leave is at the index of the one who stays.""",
    base="""I make a list of the people and remove every step-th person in the circle. The position after a removal
    is where the next count begins. The index wraps around with modulo. When only one person is left, the number is
    returned. A list is convenient here, since the method pop removes the person at an index and moves the others
    up. The circle is only imagined, and the modulo operator makes the end of the list meet its beginning. The
    numbers of the people are stored in the list, so the result can be read from it directly, and no other table is
    needed for them.""",
    base_degraded="""When only one person is left, I make a list of the people. The index wraps around with modulo
    before it is counted. The position where the next count begins is the person that was removed first, so every
    step-th person is returned and then removed from the circle. A list is convenient here, since the method pop
    removes the person at an index and moves the others up. The circle is only imagined, and the modulo operator
    makes the end of the list meet its beginning. The numbers of the people are stored in the list, so the result
    can be read from it directly, and no other table is needed for them.""")

book.quartet(
    "lists/run_lengths", "logical_coherence",
    optimized="""Go through the items with the list of runs built so far. If the last run has the same item, its
    length grows by one; otherwise a new run of length 1 is appended. The first item has no run before it, so it
    always starts one. This puts the runs in order and covers the last run without extra code, as each run is stored
    when it starts. An empty list has no runs.""",
    degraded="""An empty list has no runs, so each run is stored when the next one ends. The last run has the same
    item as the one before, so its length grows by one and a new run of length 1 is its beginning. This puts the
    first item after its run, which is why extra code covers the runs in the order in which they are appended;
    otherwise the list built so far goes through the items.""",
    base="""To describe the runs, we compare neighbours.

    1. **Start** a run with the first item.

    2. **Extend** the run while the next item is equal.

    3. **Store** the item and the length when another item comes or the list ends.""",
    base_degraded="""To describe the runs, we compare neighbours.

    1. **Store** the item and the length of the next run.

    2. **Start** the run that was stored, when the list ends.

    3. **Extend** the first item while the neighbours are compared, because they were equal.""")

book.quartet(
    "searching/count_pieces_with_sum", "logical_rigor",
    optimized="""Fix the start i and extend the piece to the right while keeping its sum; count each time the sum
    equals the target. Even after a hit the piece has to be extended further, because zeros or negative numbers can
    lead to the same sum again. Every piece is looked at once, which is quadratic. With prefix sums in a dictionary
    it is linear.""",
    degraded="""Fix the start i and extend the piece to the right while keeping its sum; count each time the sum
    equals the target. After a hit the next start is taken, and the same when the sum is above the target, because a
    longer piece has a larger sum. So not every piece is looked at, which is linear. With prefix sums in a
    dictionary it is linear.""",
    base="""I use two loops. The outer loop sets the start of the piece, the inner loop adds one number after
    another. Whenever the sum is equal to the target I increase the count. At the end I return the count.""",
    base_degraded="""I use two loops. The outer loop sets the start of the piece, the inner loop adds one number
    after another. When the sum is equal to the target I return the count of the numbers that were added, since one
    piece is enough.""")
