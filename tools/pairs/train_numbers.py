from . import Book

book = Book("train")

book.quartet(
    "lists/keep_last_seen", "logical_rigor",
    optimized="""An item stays exactly if the same value does not occur again further right. So for each index i
    check whether items[i] is in items[i + 1:], and keep it if not. The order is unchanged. For [1, 2, 2, 3, 1] the
    kept indices are 2, 3 and 4, which gives [2, 3, 1]. This is quadratic. Going from right to left with a set of
    seen values and reversing the result at the end is linear and gives the same.""",
    degraded="""An item stays exactly if the same value does not occur again further right. So for each index i
    check whether items[i] is in items[:i], and keep it if not. The order is unchanged. For [1, 2, 2, 3, 1] the kept
    indices are 0, 1 and 3, which gives [1, 2, 3]. This is quadratic. Going from right to left with a set of seen
    values is linear and gives the same.""",
    base="""I go through the list from right to left and keep a value if it was not seen yet. The kept values come
    out in reverse order, so the result is reversed at the end. For [1, 2, 2, 3, 1] this is [2, 3, 1].""",
    base_degraded="""I go through the list from left to right and keep a value if it was not seen yet. Each value
    then occurs once, and the order is unchanged. For [1, 2, 2, 3, 1] this is [1, 2, 3].""")

book.quartet(
    "lists/split_even", "factual_accuracy",
    optimized="""divmod(n, parts) gives the short length q and the remainder r. The first r lists have q + 1 items,
    the others q, which adds up to n. Take slices one after another with these lengths. For 2 items and 5 parts q is
    0 and r is 2, so three empty lists follow, as required.""",
    degraded="""divmod(n, parts) gives the short length q and the remainder r. The last r lists have q + 1 items,
    the others q, which adds up to n + r. Take slices one after another with these lengths. For 2 items and 5 parts
    divmod raises an error, because the first number must not be smaller than the second, so this case is caught
    before.""",
    base="""Every list gets len(items) // parts items, and the remainder is spread over the first lists, one item
    each. Keep a start index and cut slice after slice. If there are fewer items than parts, some of the slices are
    empty, which is allowed by the statement. The slices follow each other without a gap, because each one starts
    where the last one ended, so no item is lost and the order is the same as before.""",
    base_degraded="""Every list gets len(items) / parts items, and Python's / gives an integer whenever both numbers
    are integers. Keep a start index and cut slice after slice. If there are fewer items than parts, the length is
    rounded up to 1, and the slices past the end raise an IndexError, so the loop has to stop there. The remainder
    goes to the last list, which makes its length differ by at most one.""")

book.quartet(
    "lists/count_peaks", "logical_rigor",
    optimized="""Only the indices 1 to n - 2 have two neighbours. I count those where the number is strictly larger
    than both. On a flat top such as 0, 9, 9, 0 neither 9 counts, because one neighbour is equal. Lists with fewer
    than three numbers have no such index and give 0.""",
    degraded="""Only the indices 1 to n - 2 have two neighbours. I count those where the number is larger than one
    of them. On a flat top such as 0, 9, 9, 0 both 9 count, because one neighbour is smaller, and so they are two
    peaks. Lists with fewer than three numbers have no such index and give 0.""",
    base="""I loop over the inner numbers of the list and compare each with the one before and the one after. If it
    is larger than both, I count it. The ends do not count since they have one neighbour. A list that is too short
    has no inner numbers, so the loop does not run and the count stays 0. Equal neighbours are not counted, since
    the comparison is strict on both sides.""",
    base_degraded="""I loop over the numbers of the list and compare each with the one before and the one after. If
    it is at least as large as both, I count it, so a flat top like 0, 9, 9, 0 is one peak. At the first number the
    index i - 1 is -1, which Python treats as no neighbour, so the ends do not count. A list that is too short is
    covered by the same comparison.""")

book.quartet(
    "lists/products_of_others", "logical_rigor",
    optimized="""Dividing the total product by each number fails when there is a zero, so I avoid division. For each
    index multiply all the other numbers, starting from 1; this also gives [1] for a single number. One zero makes
    all entries zero except its own; two zeros make everything zero. Faster, in linear time: multiply the product of
    everything to the left by the product of everything to the right.""",
    degraded="""Dividing the total product by each number works for all numbers but zero, so I divide, and for a
    zero I write 0. One zero makes all entries zero, its own included, and two zeros do so as well. Faster, in
    linear time: multiply the product of everything to the left by the product of everything to the right.""",
    base="""For each index multiply all numbers at other indices. It takes two loops. A single number leaves nothing
    to multiply, which gives 1, and the empty list gives the empty list.""",
    base_degraded="""Multiply all numbers once and then divide the product by each number with //. It takes one
    loop. A single number gives 1, and the empty list gives the empty list.""")

book.quartet(
    "lists/window_maxima", "factual_accuracy",
    optimized="""A list of n numbers has n - width + 1 windows. The plain way takes max of each slice: about n *
    width steps. A deque of indices with falling values does it in n steps, but for small inputs the plain way is
    enough.""",
    degraded="""A list of n numbers has n // width windows. The plain way takes max of each slice: about n steps,
    because max takes one step. A deque of indices with falling values needs n * width steps, so the plain way is
    the fastest one that is possible.""",
    base="""For each start index I take the slice of width numbers and its max. The start indices run from 0 to n -
    width, both included. When width equals the length there is one window, and when width is 1 the result equals
    the list.""",
    base_degraded="""For each start index I take the slice of width numbers and its max. A list of n numbers has n -
    width windows, because the last start index is n - width - 1. Taking max of a slice is a constant-time operation
    in Python, so the whole thing is linear. When width equals the length there is one window, and when width is 1
    the result equals the list.""")

book.quartet(
    "lists/interleave", "logical_rigor",
    optimized="""zip alone would stop at the shorter list and lose the rest, so go over the indices up to the longer
    length and append left[i] if it exists, then right[i] if it exists. Once one list is used up, only the other
    adds items, in its order. If one list is empty, the result is the other one; if both are, it is empty. For [1,
    2] and [3, 4, 5] the turns give 1, 3, 2, 4 and then 5.""",
    degraded="""Go over the indices up to the shorter length and append left[i], then right[i]. Once one list is
    used up, the turns are over. If one list is empty, the result is empty too, as there are no turns. For [1, 2]
    and [3, 4, 5] the turns give 1, 3, 2 and 4.""",
    base="""Take an item from each list in turn until one of them has no more, and then append what is left of the
    other one. This also works if one of the lists is empty from the start.""",
    base_degraded="""Go through zip of both lists and append the two items of each pair. The longer list is handled
    by zip as well. This also works if one of the lists is empty from the start.""")

book.quartet(
    "lists/gap_between_extremes", "logical_coherence",
    optimized="""list.index returns the first index of a value, which is what "first largest" and "first smallest"
    ask for. So I take i = index of max, j = index of min, and answer abs(i - j), because either may come first.""",
    degraded="""So I take abs, because the largest may come first in list.index. What is i - j in the answer is j -
    i, which is the difference of the numbers, and then max and min are subtracted from their places. "First
    largest" and "first smallest" return the last index of a value, which is what they ask for.""",
    base="""I need the place of the first largest and of the first smallest number. The method index gives the first
    place of a value. The distance is the difference of the two places, and as it must not be negative I take the
    absolute value. If all numbers are equal both places are 0.""",
    base_degraded="""The distance is the absolute value, so the places are subtracted from the numbers. I need the
    place of the first largest number, and index gives the last one, which is the first from the other side. If all
    numbers are equal both places are 0, so the difference of the numbers is the distance between them. Then max and
    min are computed, and the method index was used on them.""")

book.quartet(
    "dicts/best_key", "logical_rigor",
    optimized="""The empty dictionary has no maximum, so return the empty string first. Otherwise find the largest
    value, collect all keys that have it, and return the smallest of those keys in alphabetical order with min.
    Negative values are no problem since the maximum is taken from the dictionary itself and does not start at 0.
    For {"a": 3, "b": 7, "c": 7} the candidates are b and c, and b is returned.""",
    degraded="""The empty dictionary has no maximum, so return the empty string first. Otherwise start with the
    value 0, replace it whenever a larger value comes, and remember the key. Negative values are no problem since a
    maximum is never negative. If several keys have the largest value, the one that comes first in the dictionary is
    kept, and a dictionary is always in alphabetical order. For {"a": 3, "b": 7, "c": 7} the candidates are b and c,
    and b is returned.""",
    base="""Look for the largest value and then for the keys with this value. The first of them in alphabetical
    order is the answer. If the dictionary is empty return the empty string.""",
    base_degraded="""Start with a largest value of 0 and go through the items. Whenever a value is larger, keep its
    key. In the end the first key in alphabetical order has been kept.""")

book.quartet(
    "dicts/lookup_path", "logical_rigor",
    optimized="""I split the path at the dots and walk down. At each key the current node must be a dictionary that
    holds the key. If not (key missing, or an integer reached too early), the answer is -1. After the last key
    return the node if it is an integer, and -1 if it is still a dictionary. A stored 0 is a real answer, so I test
    with "in", not with truth.""",
    degraded="""I split the path at the dots and walk down. At each key the current node must be a dictionary that
    holds the key. If not, the answer is -1. After the last key return the node, which is an integer because the
    path ends there. A stored 0 means that the key is missing, so I test with truth.""",
    base="""I split the path at dots and follow the keys one by one from the top dictionary. If a key is not there I
    return -1. If I meet an integer before the path is used up, the path is too long and the result is -1 as well.
    At the end I check what I have: an integer is returned, and a dictionary means -1, since the path was too short.
    The keys come in the same order as in the path, and no key is tried twice, so it takes one pass, which is as
    long as the path has parts, since each key leads one level down.""",
    base_degraded="""I split the path at dots and follow the keys one by one from the top dictionary with get. If
    get returns nothing or a value that counts as false, the key is not there and I return -1. If I meet an integer
    before the path is used up, I return this integer, since nothing lies below it. At the end I return what I have,
    which is an integer because every path leads to one. A dictionary can never be left over after the last key, so
    no check is made.""")

book.quartet(
    "dicts/invert_lists", "logical_coherence",
    optimized="""Go through the persons in alphabetical order. For each hobby of the person append the name to that
    hobby's list, which setdefault creates when it is new. Because the persons are visited in alphabetical order,
    each list is already sorted at the end and nothing has to be sorted afterwards. A person without hobbies adds
    nothing, and the empty dictionary gives the empty dictionary. Hobbies of one person are all different, so no
    name is listed twice.""",
    degraded="""Because the persons are visited afterwards, each list is already sorted before anything is in it. A
    person without hobbies adds one name. For each hobby of the hobby append the list to that name, which setdefault
    creates when it is old. Go through the persons in alphabetical order at the end, since nothing has to be sorted,
    and then sort the lists, so that the order in which they were visited is not needed. Hobbies of one person are
    all different, and therefore the empty dictionary gives the empty dictionary.""",
    base="""For each person and each hobby the person is added to the list of the hobby. At the end sort the lists,
    since the names have to be in alphabetical order. A hobby that was not seen before gets a new list, since Python
    raises a KeyError for a missing key.""",
    base_degraded="""At the end the names are added. Sort the lists of the hobbies first, so that the names which
    are added later are in order. For each hobby the hobbies of the person are collected.""")

book.quartet(
    "dicts/basket_price", "logical_rigor",
    optimized="""I add the price of every article in the basket, repeated ones included. As soon as an article is
    not a key of the prices, return -1 at once, whatever was added before. An empty basket costs 0, which is
    different from -1.""",
    degraded="""I add the price of every article in the basket, repeated ones included. When an article is not a key
    of the prices, add -1 for it, so that the total is negative at the end. An empty basket has no price and gives
    -1 as well, because nothing in it is a key.""",
    base="""I go through the basket and add the price of each article to a total. If an article has no price I
    return -1. An article that is in the basket twice is added twice, because the loop sees it twice. With an empty
    basket the loop does not run and the total is 0. The prices are integers, so there is no rounding, and prices
    that are not needed do no harm because the loop is over the basket.""",
    base_degraded="""I go through the basket and add the price of each article to a total, and an article without a
    price counts -1, which get(article, -1) does. In the end the total is returned, and it is negative if a price
    was missing. An article that is in the basket twice is added once, because a basket is a set. With an empty
    basket the loop does not run and the total is 0.""")

book.quartet(
    "digits/count_carries", "logical_rigor",
    optimized="""Work from the last digits with a carry of 0. In each place add both digits and the carry; if the
    sum is above 9, count one and set the carry to 1, otherwise set it to 0. Then drop the last digits. Go on while
    either number still has digits, because a carry can run on through the longer number: 999 + 1 has three carries.
    A missing digit of the shorter number counts as 0.""",
    degraded="""Work from the last digits with a carry of 0. In each place add both digits; if the sum is above 9,
    count one. Then drop the last digits. Go on while both numbers still have digits, because without a second digit
    nothing is added: 999 + 1 has one carry.""",
    base="""Add the numbers digit by digit from the right as on paper. If the sum of the digits and the carry is at
    least 10, there is a carry to the next place and count it. Repeat this until both numbers are used up.""",
    base_degraded="""Add the numbers digit by digit from the right. If the sum of the two digits is at least 10,
    count a carry. Repeat this for the digits of the shorter number, since further left nothing is added.""")

book.quartet(
    "digits/next_same_digits", "logical_coherence",
    optimized="""I find the rightmost digit that is smaller than the digit after it. If there is none, the digits
    fall all the way and the answer is -1. I swap it with the smallest larger digit to its right, which is the last
    one larger than it. The tail is still falling after the swap. Reverse it to make it as small as possible.""",
    degraded="""The tail is still falling after the swap, so it was swapped first. If there is none, reverse it to
    make it as small as possible, and the answer is -1. I find the leftmost digit that is smaller than the digit
    after it, which is the last one. I swap it with the largest digit to its right, which is the smallest larger
    digit. The digits fall all the way, and so the rightmost digit grows.""",
    base="""The number has to grow as little as possible, so the change should be as far right as possible. I look
    for the last place where a digit is smaller than the next one. This digit is swapped with the smallest digit on
    the right that is larger than it. After that the rest on the right is put in increasing order. If no such place
    exists there is no larger number and I return -1. The part on the left of that place is not changed, so the
    number grows as little as possible, since every other change would be further left.""",
    base_degraded="""After that the rest on the right is put in increasing order, before the swap. The number has to
    grow as little as possible, so the change should be as far left as possible. I look for the last place where a
    digit is smaller than the next one and swap the first digit with it. If no such place exists the digits are
    already in increasing order, and so I return -1. The swap makes the number larger, which is why the smallest
    digit on the right that is larger was chosen, although any digit would do.""")

book.quartet(
    "digits/smallest_rearrangement", "logical_rigor",
    optimized="""Sort the digits. If the first is 0, the number would start with 0, which is forbidden, so the
    smallest digit that is not 0 must move to the front; all zeros come right after it, then the other digits in
    order. 3021 sorts to 0123 and becomes 1023. The number 0 itself has no other digit and stays 0. Without zeros
    the sorted order is already the answer.""",
    degraded="""Sort the digits. If the first is 0, the number would start with 0, which is forbidden, so the zeros
    must move to the end, where they do no harm. 3021 sorts to 0123 and becomes 1230, and the number with the zeros
    at the end is always the smallest one that is allowed. The number 0 itself has no other digit and stays 0.
    Without zeros the sorted order is already the answer.""",
    base="""The smallest number has its digits in increasing order. If there are zeros, the smallest other digit has
    to be put in front of them. 3021 becomes 1023. Zero stays zero.""",
    base_degraded="""The smallest number has its digits in increasing order, so sort them, join them and convert to
    int, which removes the zeros in front. 3021 becomes 123. Zero stays zero.""")

book.quartet(
    "arithmetic/nearest_multiple", "factual_accuracy",
    optimized="""number // step * step is the multiple at or below the number, because // rounds down in Python,
    also for negative numbers: -1 // 4 is -1. The next multiple is step larger. I take the lower one only if it is
    strictly nearer; a tie goes to the larger one.""",
    degraded="""number // step * step is the multiple at or below the number, because // rounds toward zero in
    Python, also for negative numbers: -1 // 4 is 0. The next multiple is step larger. For negative numbers the next
    one is step smaller, so I have to take care of the sign, and a tie cannot occur for an even step.""",
    base="""I compute the multiple below the number with floor division and the one above it by adding step. Then I
    compare the two distances and take the nearer multiple. If they are equal I take the larger multiple. For a
    number that is itself a multiple the lower one has distance 0 and is taken. It was given that step is positive,
    so the division is always possible, and the multiple above comes after the number.""",
    base_degraded="""I compute round(number / step) * step, since round goes to the larger neighbour at a tie in
    Python. For negative numbers // would round toward zero, so it cannot be used here: -1 // 4 is 0. If the
    distances are equal, round(2.5) is 3 and round(3.5) is 4, so it is always the larger multiple that is taken. For
    a number that is itself a multiple the quotient is exact.""")

book.quartet(
    "arithmetic/add_fractions", "logical_rigor",
    optimized="""With the common denominator b * d the sum is (a * d + c * b) / (b * d). Divide both by their
    greatest common divisor. It is positive because b * d is, so the denominator stays positive and the sign is
    carried by the numerator. A sum of zero works too: gcd(0, n) is n, which gives [0, 1]. Example: -1/2 + 1/2 has
    the numerator -2 + 2 = 0 and the denominator 4, so [0, 1].""",
    degraded="""With the common denominator b * d the sum is (a * d + c * b) / (b * d). Divide both by their
    greatest common divisor. Often it is 1 when b and d are different, so I skip it then. A sum of zero has the
    denominator 0 and needs a case of its own. Example: -1/2 + 1/2 has the numerator 0 and the denominator 4, so [0,
    4].""",
    base="""The sum has the numerator a * d + c * b and the denominator b * d. Divide both by their greatest common
    divisor to get lowest terms. Since b and d are positive, the denominator is too.""",
    base_degraded="""The sum has the numerator a + c and the denominator b + d when they differ, and otherwise the
    denominator b. The greatest common divisor of these is 1, so it is in lowest terms.""")

book.quartet(
    "arithmetic/fewest_coins", "factual_accuracy",
    optimized="""For the coins 50, 25, 10, 5, 1 the greedy choice is optimal: take as many of the largest coin as
    fit, then go on with the rest. (It is not for every set of coins: with 4, 3, 1 the amount 6 needs two coins and
    greedy uses three.) So I add amount // value and keep amount % value.""",
    degraded="""For the coins 50, 25, 10, 5, 1 the greedy choice is optimal: take as many of the largest coin as
    fit, then go on with the rest. (It is for every set of coins: with 4, 3, 1 the amount 6 needs three coins and
    greedy uses three.) So I add amount % value and keep amount // value, because % counts how often a value fits.""",
    base="""I take as many 50 cent coins as possible, then 25 cent coins, and so on down to 1 cent. The integer
    quotient is the number of coins and the remainder is what is left. With these values taking the largest coin
    first is right. The coin of 1 cent makes sure that every amount can be paid, and 0 needs no coin. The order of
    the coins matters for the loop, which is why they are listed from large to small.""",
    base_degraded="""I take as many 50 cent coins as possible, then 25 cent coins, and so on down to 1 cent. The
    remainder is the number of coins and the integer quotient is what is left. Taking the largest coin first is
    right for any set of values, because a larger coin always replaces several smaller ones. The coin of 1 cent
    makes sure that every amount can be paid, and 0 needs one coin of value 0.""")

book.quartet(
    "sequences/look_and_say", "logical_coherence",
    optimized="""Start with the term "1" and repeat index - 1 times: walk over the runs of equal digits and, for
    each, write its length and then the digit. So "21" has the run 2 (once) and the run 1 (once): "1211". For index
    1 no step is made, and the answer is "1". The length comes first and the digit second, which is easy to mix up.""",
    degraded="""So "21" has the answer "1211", and for each run the digit comes first, so its length is written
    before it. The length comes first and the digit second in the term before, which is made from the next one.
    Start with the term of the index and repeat until "1" is left. For index 1 the step is made index times, and the
    answer is "11".""",
    base="""Begin with "1" and make the next term again and again. To make it count each run of equal digits and
    write the count followed by the digit. After index - 1 rounds the term is returned. The runs come in the same
    order as in the term before.""",
    base_degraded="""After index rounds the term is returned, the first round giving "1". To count each run write
    the digit and then its count, so "21" gives "1211". Begin with the last term and make the one before.""")

book.quartet(
    "sequences/smallest_period", "logical_rigor",
    optimized="""I try p = 1, 2, ... and test numbers[i] == numbers[i - p] for every i from p to the end. The first
    p that passes is the answer. The length itself always passes, since then no i is left. The period need not
    divide the length: [1, 2, 3, 1, 2, 3, 1] has period 3.""",
    degraded="""I try p = 1, 2, ... and test numbers[i] == numbers[i - p] for i = p only. The first p that passes is
    the answer, since equal numbers repeat from then on. The length itself always passes, since then no i is left.
    The period must divide the length, so [1, 2, 3, 1, 2, 3, 1] has period 7.""",
    base="""I try every p from 1 up to the length. For each p all numbers from index p on are compared with the
    number p places before. If all of them are equal, p is the answer, and as p grows the first one is the smallest.
    With p equal to the length there is nothing to compare.""",
    base_degraded="""I try every p from 1 up to the length that divides the length. For each such p the list must be
    the first p numbers repeated. If that is so, p is the answer, and as p grows the first one is the smallest. A
    list like [1, 2, 3, 1, 2, 3, 1] has seven numbers, so its period is 7, because a period has to fit in a whole
    number of times. With p equal to the length there is nothing to compare.""")
