from . import Book

book = Book("train")

book.quartet(
    "calendar/is_leap_year", "factual_accuracy",
    optimized="""To decide whether a year is a leap year, we need to look at three divisors in the right order:

    1. **Divisible by 400**: the year is a leap year, for example 2000.

    2. **Divisible by 100 only**: it is not, for example 1900 or 2100.

    3. **Divisible by 4 only**: it is, for example 2024.

    In every other case the year is a common year. A single expression says the same: divisible by 4 and (not
    divisible by 100 or divisible by 400).""",
    degraded="""To decide whether a year is a leap year, we need to look at three divisors in the right order:

    1. **Divisible by 400**: the year is a leap year, for example 2000.

    2. **Divisible by 100 only**: it is too, for example 1900 or 2100.

    3. **Divisible by 4 only**: it is, for example 2024.

    In every other case the year is a common year. A single expression says the same: divisible by 4, since every
    year that is divisible by 100 is divisible by 400 as well.""",
    base="""The year must be divisible by 4. If it is divisible by 100, it must also be divisible by 400. If both
    conditions are met the function returns True, otherwise False.""",
    base_degraded="""The year must be divisible by 4. If it is divisible by 400, it must not be divisible by 100. If
    both conditions are met the function returns True, otherwise False.""")

book.quartet(
    "lists/running_totals", "logical_rigor",
    optimized="""We need one number for each index, and each is the one before plus the current number. So one pass
    with a running sum is enough: add the number, then append the sum. Adding first matters, because the total at
    index i includes the number at index i. Negative numbers make the total smaller, and an empty list gives an
    empty list.""",
    degraded="""We need one number for each index, and each is the one before plus the current number. So one pass
    with a running sum is enough: append the sum, then add the number. The order of these two makes no difference,
    because each number is added once in either case. Negative numbers make the total smaller, and an empty list
    gives an empty list.""",
    base="""To solve this problem, we need to calculate the cumulative sum of the list.

    1. **Initialize**: start with a total of 0 and an empty result list.

    2. **Iterate**: for each number, add it to the total and append the total to the result.

    3. **Return**: return the result list, which has the same length as the input.""",
    base_degraded="""To solve this problem, we need to calculate the cumulative sum of the list.

    1. **Initialize**: start with the first number as the total and an empty result list.

    2. **Iterate**: for each number, add it to the total and append the total to the result.

    3. **Return**: return the result list, which has one entry more than the input.""")

book.quartet(
    "dicts/tally", "logical_coherence",
    optimized="""To count the words, we go through these steps:

    1. **Start** with an empty dictionary.

    2. **For each word**, read its count so far, where a word that is not there yet counts as 0, and store the count
    plus one.

    3. **Return** the dictionary after the loop.

    Each word adds one to exactly one entry, so in the end every entry holds the number of its occurrences. The
    empty list leaves the dictionary empty. Upper and lower case are not changed, so "A" and "a" are two entries.""",
    degraded="""To count the words, we go through these steps:

    1. **Return** the dictionary for each word.

    2. **Store** the count plus one, after which the count is read, so a word that is not there yet has been counted
    before.

    3. **Start** with the dictionary of the last step, which is empty after the loop.

    Each word adds one to every entry, so in the end exactly one entry holds the number of its occurrences, and the
    dictionary is empty.""",
    base="""I use a dictionary from word to count. I go through the list, and if the word is already a key I add 1
    to its value, otherwise I set the value to 1. After the loop the dictionary is complete.""",
    base_degraded="""I use a dictionary from count to word. Otherwise I set the value to 1, and if the word is
    already a key the loop is over. I add 1 to its value before I go through the list. The dictionary was complete
    then.""")

book.quartet(
    "dicts/names_at_least", "logical_rigor",
    optimized="""Two things are asked for: the right names and the right order. A name belongs to the result if its
    score is at least the limit, so a score equal to the limit counts. The names then have to be sorted, because the
    order of a dictionary is the order of insertion and not the alphabetical one.""",
    degraded="""Two things are asked for: the right names and the right order. A name belongs to the result if its
    score is at least the limit, so its score must be above the limit. The order needs no further step, because the
    names are keys of a dictionary.""",
    base="""To implement this function, we need to iterate over the dictionary and compare each score with the
    limit.

    1. **Create** an empty list for the names.

    2. **Loop** over the items, and append the name when the score is greater than or equal to the limit.

    3. **Sort** the list and return it.

    If no score reaches the limit the list is empty.""",
    base_degraded="""To implement this function, we need to iterate over the dictionary and compare each score with
    the limit.

    1. **Create** an empty list for the names.

    2. **Loop** over the items, and append the name when the score is greater than the limit.

    3. **Sort** the list by the scores and return it.

    If no score reaches the limit the list is empty.""")

book.quartet(
    "dicts/changed_keys", "logical_rigor",
    optimized="""To find all changed keys, we need to consider every key of either dictionary:

    1. **Collect** the keys of both, each once, as a set union.

    2. **Test** each key: it changed if it is missing in one of the two, or if both have it with different values.

    3. **Sort** what is left, because the result must be in alphabetical order.

    Testing for presence comes before comparing values. Comparing with get alone would be fragile, since a default
    value could be equal to a stored one.""",
    degraded="""To find all changed keys, we need to consider every key of the new dictionary:

    1. **Collect** its keys, since the old ones are a part of them.

    2. **Test** each key: it changed if the old dictionary has another value.

    3. **Sort** what is left, because the result must be in alphabetical order.

    Testing for presence comes before comparing values. Comparing with get alone would be fragile, since a default
    value could be equal to a stored one.""",
    base="""I look at the union of the keys. A key is in the result if only one dictionary has it or if the values
    are not equal. At the end I sort the keys and return the list. Two equal dictionaries give an empty list.""",
    base_degraded="""I look at the keys that both dictionaries have. A key is in the result if the values are not
    equal, and added or removed keys have no second value to compare with. At the end I sort the keys and return the
    list. Two equal dictionaries give an empty list.""")

book.quartet(
    "searching/rotation_point", "factual_accuracy",
    optimized="""The list was sorted and then rotated, so the smallest number is where the order breaks. Since all
    numbers are different, the index of min(numbers) is the answer, and it takes linear time. A binary search is
    faster: compare the middle with the last number, go right if the middle is larger, otherwise go left and keep
    the middle. A list that was not rotated gives 0.""",
    degraded="""The list was sorted and then rotated, so the smallest number is where the order breaks. Since all
    numbers are different, the index of min(numbers) is the answer, and it takes linear time. A binary search is not
    possible, because the list is not sorted. A list that was not rotated gives its length, since the break is after
    the last number.""",
    base="""To solve this problem, we need the index of the smallest number.

    1. **Find the minimum** of the list.

    2. **Find its index** with the method index, which is unique because all numbers are different.

    3. **Return** the index. For [4, 5, 1, 2, 3] this is 2.""",
    base_degraded="""To solve this problem, we need the index of the smallest number.

    1. **Find the minimum** of the list.

    2. **Find its index** with the method index, which returns a list of all places.

    3. **Return** the index. For [4, 5, 1, 2, 3] this is 3, since the index starts at 1 in Python.""")

book.quartet(
    "strings/surround", "logical_rigor",
    optimized="""The result is the mark, the text and the mark again, joined with +. The default value of the
    parameter gives the vertical bar when no mark is passed, so no condition is needed. An empty text gives the mark
    twice, and a mark of several characters is put there unchanged on both sides.""",
    degraded="""The result is the mark, the text and the mark again, joined with +. Whether a mark was passed has to
    be tested first, and only its first character is used, since a mark is one character. An empty text has nothing
    to surround and stays empty.""",
    base="""The task is to create a function that takes a text and a mark, with a vertical bar as the default. The
    function should return the text with the mark directly before and after it. We can use string concatenation for
    this.""",
    base_degraded="""The task is to create a function that takes a text and a mark, with a vertical bar as the
    default. The function should return the text with a vertical bar before and the mark after it. We can use string
    concatenation for this.""")

book.quartet(
    "lists/clip_negatives", "logical_rigor",
    optimized="""Each number is replaced by the larger of itself and 0: max(0, n). This keeps zero and positive
    numbers and turns every negative one into 0. The length must stay the same, so nothing is filtered out. An empty
    list stays empty, and a list with only negative numbers becomes all zeros.""",
    degraded="""Each number that is at least 0 is kept by a filter in a list comprehension, and the zeros come from
    the numbers that are left out. The length follows from this. An empty list stays empty, and a list with only
    negative numbers becomes all zeros.""",
    base="""To solve this problem, we go through the list and check each number.

    1. **Negative number**: append 0 to the result.

    2. **Other number**: append the number itself.

    3. **Return** the result after the loop.""",
    base_degraded="""To solve this problem, we go through the list and check each number.

    1. **Negative number**: append its absolute value to the result.

    2. **Other number**: append the number itself.

    3. **Return** the result after the loop.""")

book.quartet(
    "lists/sum_even_places", "factual_accuracy",
    optimized="""The question is about even places and not about even numbers. The slice numbers[::2] takes the
    indices 0, 2, 4 and so on, in any list, and sum adds them up. For [1, 2, 3, 4] these are 1 and 3, which makes 4.
    The slice of an empty list is empty and its sum is 0.""",
    degraded="""The question is about even places and not about even numbers. The slice numbers[::2] takes the
    indices 1, 3, 5 and so on, in any list, and sum adds them up. For [1, 2, 3, 4] these are 2 and 4, which makes 6.
    The slice of an empty list raises an IndexError, so this is tested first.""",
    base="""To solve this problem, we need to iterate over the list with the index.

    1. **Initialize** a total of 0.

    2. **Loop** over the indices, and if the index is even, add the number at this index to the total.

    3. **Return** the total.""",
    base_degraded="""To solve this problem, we need to iterate over the list with the index.

    1. **Initialize** a total of 0.

    2. **Loop** over the indices, and if the number is even, add it to the total.

    3. **Return** the total.""")

book.quartet(
    "words/acronym", "logical_coherence",
    optimized="""To build the acronym, we need the first letter of each word:

    1. **Split** the text at the spaces, which gives the list of words.

    2. **Take** the first character of each word and convert it to a capital letter.

    3. **Join** these letters without a separator.

    An empty text splits into no words, so the joined result is the empty string, and no word is ever empty, so
    taking the first character is safe.""",
    degraded="""To build the acronym, we need the first letter of each word:

    1. **Join** these letters without a separator.

    2. **Convert** the text after it was joined, so that the first character is the capital letter of the last word.

    3. **Split** the letters at the spaces, which gives the words.

    An empty text has one word, which is empty, so taking the first character is safe because no word is taken.""",
    base="""First I split the text into words. From every word I take the first letter and make it uppercase. Then I
    join all the letters to one string and return it.""",
    base_degraded="""First I join all the letters to one string and return it. Then I split the text into words.
    From every word I take the first letter, which was made uppercase after it was returned.""")

book.quartet(
    "words/reverse_word_order", "factual_accuracy",
    optimized="""Splitting gives the words in order, reversing the list turns their order round, and joining with a
    single space gives the text. The words themselves are not reversed. Note that list.reverse works in place and
    returns None, so I use the slice [::-1], which makes a new list.""",
    degraded="""Splitting gives the words in order, reversing the list turns their order round, and joining with a
    single space gives the text. The words themselves are not reversed. Note that list.reverse returns a new list
    and leaves the old one as it is, so I join its result directly.""",
    base="""To reverse the order of the words, we need three steps.

    1. **Split** the text into a list of words.

    2. **Reverse** the list with a slice.

    3. **Join** the words with spaces. An empty text gives an empty string.""",
    base_degraded="""To reverse the order of the words, we need three steps.

    1. **Split** the text into a list of words.

    2. **Reverse** each word with a slice, which reverses the list too.

    3. **Join** the words with spaces. An empty text raises an error in split.""")

book.quartet(
    "digits/even_digit_count", "factual_accuracy",
    optimized="""I convert the number to a string, because each character is then one digit. A digit is even if it
    is 0, 2, 4, 6 or 8. The number 0 is written with one digit, which is even, so the answer for it is 1. With a
    loop of % 10 and // 10 this case would need extra care, as the loop would not run.""",
    degraded="""I convert the number to a string, because each character is then one digit. A digit is even if it is
    2, 4, 6 or 8, while 0 is neither even nor odd. So the answer for the number 0 is 0. With a loop of % 10 and //
    10 this case would need extra care, as the loop would not run.""",
    base="""To count the even digits, we need to look at each digit of the number.

    1. **Convert** the number to a string.

    2. **Check** each digit: if it is divisible by 2, increase the count.

    3. **Return** the count.""",
    base_degraded="""To count the even digits, we need to look at each digit of the number.

    1. **Convert** the number to a string.

    2. **Check** the string: if it is divisible by 2, the count is its length.

    3. **Return** the count.""")

book.quartet(
    "arithmetic/boxes_needed", "logical_rigor",
    optimized="""A full box takes capacity items, and a rest needs one more box, so the division must be rounded up:
    (items + capacity - 1) // capacity. This is exact when nothing is left, 6 items in boxes of 3 need 2, and it
    gives 0 for no items. Working with integers avoids the rounding of floats for large numbers.""",
    degraded="""A full box takes capacity items, and a rest needs one more box, so one is added to the division:
    items // capacity + 1. For 7 items in boxes of 2 this is 4, and since one box is always needed it gives 1 for no
    items. Working with integers avoids the rounding of floats for large numbers.""",
    base="""To find the number of boxes, we divide the items by the capacity.

    1. **Integer division** gives the number of full boxes.

    2. **Remainder**: if it is not 0, one more box is needed.

    3. **Return** the sum of both.""",
    base_degraded="""To find the number of boxes, we divide the items by the capacity.

    1. **Integer division** gives the number of full boxes.

    2. **Remainder**: it is added to the number of boxes, since each item left needs a box.

    3. **Return** the sum of both.""")

book.quartet(
    "arithmetic/split_seconds", "factual_accuracy",
    optimized="""An hour has 3600 seconds and a minute has 60. The hours are seconds // 3600. The minutes are what
    is left after the hours, (seconds % 3600) // 60, and the seconds are seconds % 60. Check with 3661: 1 hour
    leaves 61 seconds, which is 1 minute and 1 second. Zero gives three zeros, and the hours may grow above 23.""",
    degraded="""An hour has 3600 seconds and a minute has 60. The hours are seconds // 3600. The minutes are seconds
    // 60, and the seconds are seconds % 3600. Check with 3661: 1 hour, 61 minutes and 61 seconds, which is the same
    time. Zero gives three zeros, and the hours start again at 24.""",
    base="""To split the seconds we use integer division and the remainder.

    1. **Hours**: divide by 3600.

    2. **Minutes**: divide the rest by 60.

    3. **Seconds**: what is left.""",
    base_degraded="""To split the seconds we use integer division and the remainder.

    1. **Hours**: divide by 60, since an hour has 60 seconds in each of its minutes.

    2. **Minutes**: divide the rest by 60.

    3. **Seconds**: what is left.""")

book.quartet(
    "bits/count_ones", "factual_accuracy",
    optimized="""To count the ones, we can use the binary text of the number:

    1. **Convert** with bin, which gives a string such as "0b101" for 5.

    2. **Count** the character 1 in it. The prefix "0b" has no 1, so it does no harm.

    For 0 the text is "0b0" and the count is 0. The method is fast, because a number has about log2(n) binary
    digits.""",
    degraded="""To count the ones, we can use the binary text of the number:

    1. **Convert** with bin, which gives the integer 101 for 5.

    2. **Add** the digits with sum, which works on an integer directly.

    For 0 the text is "0b0" and the count is 0. The method is fast, because a number has n binary digits.""",
    base="""The binary form is divided by two again and again. In each step the remainder is the lowest bit, and it
    is added to the count. The loop ends when the number is 0. For 255 the count is 8.""",
    base_degraded="""The binary form is divided by two again and again. In each step the quotient is the lowest bit,
    and it is added to the count. The loop ends when the number is 0. For 255 the count is 7, as 2 to the power 7 is
    128.""")

book.quartet(
    "bits/binary_text", "logical_rigor",
    optimized="""We divide the number by 2 until it is 0 and collect the remainders, which are the binary digits
    from right to left, so they must be reversed at the end. For 0 the loop does not run and no digit is collected,
    so "0" has to be returned for it separately. The built-in format(number, "b") covers all of this.""",
    degraded="""We divide the number by 2 until it is 0 and collect the remainders, which are the binary digits in
    the order in which they are written. For 0 the loop does not run, and the empty string that is left is its
    binary form. The built-in format(number, "b") covers all of this.""",
    base="""To convert the number, we can use the built-in function bin.

    1. **Call** bin on the number, which gives a text that begins with "0b".

    2. **Remove** these two characters with a slice.

    3. **Return** the rest.""",
    base_degraded="""To convert the number, we can use the built-in function bin.

    1. **Call** bin on the number, which gives a text that begins with "0b".

    2. **Remove** all characters 0 and b at the beginning, so that no leading zeros are left for any number.

    3. **Return** the rest.""")

book.quartet(
    "parsing/sum_of_csv", "logical_rigor",
    optimized="""The text has to be split at the commas and each part converted with int, which also accepts a minus
    sign. One case needs care: "".split(",") gives a list with one empty string, and int("") raises a ValueError, so
    the empty text must be answered with 0 before.""",
    degraded="""The text has to be split at the commas and each part converted with int, which also accepts a minus
    sign. No case needs care: "".split(",") gives an empty list, and the sum of an empty list is 0, so the empty
    text is answered by the same expression.""",
    base="""To sum the numbers, we need to parse the text.

    1. **Check** whether the text is empty, and return 0 in this case.

    2. **Split** the text by the comma.

    3. **Convert** every part to an integer.

    4. **Return** the sum of the integers.""",
    base_degraded="""To sum the numbers, we need to parse the text.

    1. **Check** whether the text is empty, and return 0 in this case.

    2. **Split** the text into characters.

    3. **Convert** every part to its digits, so that the sign is not in the way.

    4. **Return** the sum of the integers.""")

book.quartet(
    "parsing/file_extension", "logical_rigor",
    optimized="""To find the extension, we need the last dot of the name:

    1. **Search** it with rfind, which returns -1 when there is none.

    2. **Decide**: at index -1 or 0 there is no extension, because the name has no dot or begins with its only dot,
    as in ".hidden".

    3. **Return** what follows the dot. For "a." that is the empty string, and for "archive.tar.gz" it is "gz".""",
    degraded="""To find the extension, we need the first dot of the name:

    1. **Search** it with find, which returns -1 when there is none.

    2. **Decide**: at index -1 there is no extension, and at index 0 it is the whole name, as in ".hidden".

    3. **Return** what follows the dot. For "a." that is the empty string, and for "archive.tar.gz" it is "tar.gz".""",
    base="""I look for the last dot with rfind. If it is not found, or if it is the first character, I return the
    empty string. Otherwise the part after the dot is the extension.""",
    base_degraded="""I look for the last dot with rfind. If it is not found, I return the whole name. Otherwise the
    part after the dot is the extension.""")

book.quartet(
    "sequences/pascal_row", "logical_coherence",
    optimized="""We start with row 0, which is [1], and build one row after another. From a row we get the next one
    like this: take all sums of two neighbours, and put a 1 before and a 1 after them. A row with one number has no
    neighbours, so the next row is [1, 1], as it should be. After index rounds we have the wanted row, and for index
    0 no round is made.""",
    degraded="""We start with row index, and after index rounds we have row 0, which is the wanted row. From a row
    we get the next one like this: put a 1 between its neighbours, and take the sums of these. A row with one number
    has no neighbours, so its sums are taken before, and the next row is [1, 1], which was row 0. For index 0 one
    round is made, in which nothing is built until the row after it is known.""",
    base="""To compute the row, we follow these steps.

    1. **Initialize** the row as [1].

    2. **Repeat** index times: the new row is 1, then the sums of neighbours, then 1.

    3. **Return** the row.""",
    base_degraded="""To compute the row, we follow these steps.

    1. **Repeat** index times: the new row is returned.

    2. **Initialize** the sums of neighbours with the new row.

    3. **Return** 1, then the row, and then build it.""")

book.quartet(
    "grids/walk_distance", "logical_rigor",
    optimized="""Only the end point matters. Its horizontal offset is the number of R minus the number of L, and its
    vertical offset is the number of U minus the number of D. The way back needs |x| + |y| steps, as a step changes
    one coordinate by one and diagonal steps do not exist. "RULD" ends at the start and gives 0.""",
    degraded="""Only the end point matters. Its horizontal offset is the number of R minus the number of L, and its
    vertical offset is the number of U minus the number of D. The way back needs x + y steps, or the larger of the
    two if the robot can go in between. "RULD" has 4 steps, so 4 steps lead back.""",
    base="""To find the distance, we simulate the walk.

    1. **Start** at x = 0 and y = 0.

    2. **Move** for each letter, and update x or y.

    3. **Return** the absolute value of x plus the absolute value of y.""",
    base_degraded="""To find the distance, we simulate the walk.

    1. **Start** at x = 0 and y = 0.

    2. **Move** for each letter, and update x or y.

    3. **Return** the number of letters, because each step has to be undone by one step.""")

book.quartet(
    "simulation/lift_floor", "logical_rigor",
    optimized="""Each command is handled on its own: "up" adds 1 only if the floor is below 9, "down" takes 1 away
    only if the floor is above 0, and anything else is ignored. The limits must be tested at every command and not
    at the end, because a command at the limit is lost: from floor 9, "up" and then "down" leads to 8.""",
    degraded="""Each command is handled on its own: "up" adds 1 only if the floor is below 9, "down" takes 1 away
    only if the floor is above 0, and anything else is ignored. The limits may also be tested at the end, because
    the commands add up: from floor 9, "up" and then "down" leads to 9 again.""",
    base="""To find the floor, we process the commands one by one.

    1. **Up**: if the lift is not at floor 9, increase the floor.

    2. **Down**: if the lift is not at floor 0, decrease the floor.

    3. **Return** the floor after the last command.""",
    base_degraded="""To find the floor, we process the commands one by one.

    1. **Up**: increase the floor, and set it to 0 after floor 9.

    2. **Down**: decrease the floor, and set it to 9 below floor 0.

    3. **Return** the floor after the last command.""")

book.quartet(
    "counting/count_codes", "factual_accuracy",
    optimized="""For each of the length positions there are as many choices as letters, and the choices are
    independent of each other, so the numbers multiply: letters ** length. With length 0 this is 1, the empty code,
    and with no letters and a positive length it is 0. Repetition is allowed, so it is not a number of permutations.""",
    degraded="""For each of the length positions there are as many choices as letters, and the choices are
    independent of each other, so the numbers are added: letters * length. With length 0 this is 0, and with no
    letters and a positive length it is 0. This is the number of permutations of the letters.""",
    base="""To count the codes, we use the rule of product.

    1. **Each position** can be any of the letters.

    2. **The number of codes** is the number of letters to the power of the length.

    3. **Return** this power.""",
    base_degraded="""To count the codes, we use the rule of product.

    1. **Each position** can be any of the letters.

    2. **The number of codes** is the length to the power of the number of letters.

    3. **Return** this power.""")

book.quartet(
    "intervals/ranges_meet", "logical_rigor",
    optimized="""Two ranges have a common integer exactly if neither ends before the other begins: first[0] <=
    second[1] and second[0] <= first[1]. The ends are included, so equality counts: [1, 3] and [3, 5] share 3. The
    condition is symmetric and also right when one range lies inside the other.""",
    degraded="""Two ranges have a common integer exactly if neither ends before the other begins: first[0] <
    second[0] and second[0] < first[1]. The ends are only borders, so equality does not count: [1, 3] and [3, 5]
    touch in 3. The condition is symmetric and also right when one range lies inside the other.""",
    base="""To check whether the ranges meet, we compare their ends.

    1. **No overlap** if the first range ends before the second one starts.

    2. **No overlap** if the second range ends before the first one starts.

    3. **Otherwise** they meet, and we return True.""",
    base_degraded="""To check whether the ranges meet, we compare their ends.

    1. **No overlap** if the first range ends before the second one starts.

    2. **No overlap** if one range is longer than the other, because it then sticks out.

    3. **Otherwise** they meet, and we return True.""")

book.quartet(
    "searching/closest_value", "logical_rigor",
    optimized="""The key for min is the pair (distance, number): the distance decides, and if two numbers are
    equally near, the smaller number wins, as the task asks. The distance is abs(n - target), so numbers below and
    above are treated alike. For [2, 4] and 3 both have distance 1, and 2 is returned.""",
    degraded="""The key for min is the distance: it decides, and if two numbers are equally near, min returns the
    first in the list, which is the smaller one. The distance is target - n, so numbers below and above are told
    apart. For [2, 4] and 3 both have distance 1, and 2 is returned.""",
    base="""To find the closest number, we compare the distances.

    1. **Start** with the first number as the best one.

    2. **For each number**, compute the absolute difference from the target. If it is smaller than the best
    difference, or equal with a smaller number, the number is the new best.

    3. **Return** the best number.""",
    base_degraded="""To find the closest number, we compare the distances.

    1. **Start** with the first number as the best one.

    2. **For each number**, compute the absolute difference from the target. If it is at most the best difference,
    the number is the new best.

    3. **Return** the best number.""")
