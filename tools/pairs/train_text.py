from . import Book

book = Book("train")

book.quartet(
    "strings/swap_halves", "logical_rigor",
    optimized="""The cut must leave the middle character of an odd length in the first half, so the first half has
    (n + 1) // 2 characters: 3 of 5, 3 of 6, 1 of 1 and 0 of 0. The answer is the part from the cut on, followed by
    the part before it. For "abcde" the cut is 3, which gives "de" + "abc". Slicing an empty string is harmless, so
    no special case is needed.""",
    degraded="""The cut must leave the middle character of an odd length in the first half, so the first half has n
    // 2 + 1 characters: 3 of 5, 4 of 6 and 1 of 1. The answer is the part from the cut on, followed by the part
    before it. For "abcde" the cut is 3, which gives "de" + "abc". An even length follows the same rule.""",
    base="""Find the middle of the text and put the second half first. The length divided by two gives the cut. If
    the length is odd the first half is the longer one, so round up. Then return the second slice plus the first
    slice. The two slices use the same cut, so no character is lost or doubled, since one ends where the other
    begins.""",
    base_degraded="""Find the middle of the text and put the second half first. The cut is n // 2, which rounds
    down, so for "abcde" it is 2. Then return the second slice plus the first slice. An odd length needs no
    attention, because a slice always takes the middle character into the right part.""")

book.quartet(
    "strings/longest_run_letter", "logical_rigor",
    optimized="""I walk over the runs: from index i move j forward while the character stays the same, so the run
    has length j - i. I replace the best run only if the new one is strictly longer. That keeps the first of several
    equally long runs. I start with the empty string and length 0, which is also right for empty input.""",
    degraded="""I walk over the runs: from index i move j forward while the character stays the same, so the run has
    length j - i. I replace the best run if the new one is at least as long. That keeps the first of several equally
    long runs. I start with the first character and length 1, which is also right for empty input, because text[0]
    is the empty string then.""",
    base="""I go through the text and keep the current character and how long its run is so far. When the character
    changes I compare the length with the best one. At the end I return the character of the best run. The last run
    ends at the end of the text and must be compared as well. With an empty text there is nothing to return but the
    empty string. One pass is enough, because the length of a run is known when it ends, and a text that consists of
    one run only has its first character as the answer.""",
    base_degraded="""I go through the text and keep the current character and how long its run is so far. When the
    character changes I compare the length with the best one and keep the new run if it is at least as long, so that
    ties are settled. At the end of the text nothing is left to do, since every run has been compared at the moment
    when the character changed. With an empty text I return the empty string, and the first character is the start
    value otherwise.""")

book.quartet(
    "strings/reverse_letters_only", "logical_coherence",
    optimized="""First collect the letters of the text in order. Then build the result from left to right: where the
    text has a letter, take the last letter still in the collection; where it has anything else, copy that
    character. Each letter is taken exactly once because there are as many letter places as letters. For "a1b2" the
    collection is a, b, so the places of the letters get b and then a: "b1a2".""",
    degraded="""Each letter is taken exactly once because the result was built before. Where the text has anything
    else, take the last letter still in the collection; where it has a letter, copy that character. For "a1b2" the
    collection is b, a, and the places of the letters get b and then a, so it is not reversed: "b1a2". First collect
    the letters of the result from left to right, and then the letters of the text in order, which are the same as
    there are as many letter places as letters.""",
    base="""The letters have to be reversed and the rest stays where it is. Make a list of the letters, and go over
    the text again to place them backwards. Other characters are copied. For "a1b2" this gives "b1a2". Both passes
    go over the same text, so the number of letters fits, and the method isalpha tells which characters are letters.""",
    base_degraded="""For "a1b2" this gives "b1a2". Other characters are copied. So go over the text and place the
    letters backwards. The letters have to be reversed, and they need a list, which is made after they are placed.
    The digits move along with the letters beside them, although they stay where they are.""")

book.quartet(
    "strings/count_overlapping", "factual_accuracy",
    optimized="""str.count skips ahead after each hit, so it finds only 2 times "aa" in "aaaa", while overlapping
    occurrences make 3. Therefore I test every start index from 0 to len(text) - len(part) and compare the slice of
    len(part) characters. If part is longer than text, that range is empty and the count is 0. This takes at most
    len(text) * len(part) character comparisons.""",
    degraded="""str.count finds 3 times "aa" in "aaaa", since it moves on by one character after each hit, but it is
    slow. Therefore I test every start index from 0 to len(text) and compare the slice of len(part) characters. A
    slice past the end raises an IndexError, which ends the search.""",
    base="""I compare part with the slice of the same length at every start index and count the hits, because
    occurrences may overlap. If part is longer than text there is no valid start index, so the answer is 0. The
    index moves on by one only, because the next occurrence may begin inside the last one.""",
    base_degraded="""The method str.count of Python counts overlapping occurrences, so "aaaa".count("aa") is 3 and
    one call does the whole job. If part is longer than text, count raises a ValueError, so that case must be
    caught.""")

book.quartet(
    "strings/missing_letters", "factual_accuracy",
    optimized="""Lowercase the text, since case does not matter, and put its characters into a set. Then go through
    the alphabet from a to z and keep each letter that is not in the set: they come out in alphabetical order
    without sorting. An empty text gives all 26 letters.""",
    degraded="""The lower method changes the text in place, so call it and put its characters into a set. Then go
    through the alphabet from a to z and keep each letter that is not in the set: they come out in any order, so
    they have to be sorted afterwards. An empty text gives no letters, because the set is empty then.""",
    base="""Lowercase the text and make a set of its characters. Subtract that from the set of the letters a to z. A
    set has no order of its own, so the difference is sorted before it is joined into a string. Spaces and digits in
    the text do not matter for a difference. The empty text has no letters, so the result is the whole alphabet,
    which comes out in the right order because it was sorted as well.""",
    base_degraded="""Lowercase the text and make a set of its characters. Subtract that from the set of the letters
    a to z. Python sets of strings keep alphabetical order, so the difference can be joined into a string directly.
    Spaces and digits in the text would be part of the difference and have to be filtered out again before joining.
    An empty text gives an empty result.""")

book.quartet(
    "strings/reverse_chunks", "logical_rigor",
    optimized="""I take the start indices 0, size, 2 * size, ... below the length. Each chunk is the slice of size
    characters from there, reversed. The chunks are joined in their old order. The last slice is cut short by Python
    itself when fewer characters are left, and it is reversed like the others: "abcdefg" with size 3 becomes "cba" +
    "fed" + "g". With size 1 nothing changes, an empty text gives no start index, and a size above the length
    reverses the whole text.""",
    degraded="""I take the start indices 0, size, 2 * size, ... below the length. Each chunk is the slice of size
    characters from there, reversed. The chunks are joined in their old order. The last slice raises an error when
    fewer characters are left, so it is left out: "abcdefg" with size 3 becomes "cba" + "fed". With size 1 nothing
    changes, and a size above the length leaves nothing.""",
    base="""I cut the text at every multiple of size, reverse every piece with a slice and join the pieces. The last
    piece may be shorter, and it is reversed too. For "abcdefg" and 3 that makes "cbafedg".""",
    base_degraded="""I cut the text at every multiple of size and reverse every piece. There are len(text) // size
    pieces, so for "abcdefg" and 3 that makes "cbafed". The order of the pieces follows from the cut.""")

book.quartet(
    "strings/longest_mirror_length", "logical_rigor",
    optimized="""A mirrored piece has its centre on a character (odd length) or between two characters (even
    length). For each of the 2n - 1 centres widen the piece while both ends are inside and equal, and remember the
    greatest length. In "abba" only a centre between characters finds the 4.""",
    degraded="""A mirrored piece has its centre on a character, because one of its characters must be in the middle.
    For each of the n centres widen the piece while both ends are inside and equal, and remember the greatest
    length. In "abba" the centre on the first b finds the 4, since the second b and the a at the end are equal to it
    from there.""",
    base="""Try every character as the centre of a piece and widen it to both sides as long as the ends are equal.
    Pieces of even length have their centre between two characters, so try these positions too. The longest piece
    gives the answer. A text of one character has length 1 and an empty text has length 0. Each centre is
    independent of the others, so the order in which they are tried does not matter.""",
    base_degraded="""Try every character as the centre of a piece and widen it to both sides as long as the ends are
    equal. Since each piece has a middle character, all pieces are found in this way. The longest piece gives the
    answer, and for "abba" the search from the second b also reaches the outer letters. A text of one character has
    length 1 and an empty text has length 0.""")

book.quartet(
    "strings/rotation_steps", "logical_rigor",
    optimized="""If the lengths differ, no number of steps helps: -1. Two empty strings need 0 steps. Otherwise I
    try s = 0, 1, ..., n - 1 and compare first[s:] + first[:s] with second. The first hit is the smallest number.
    After n steps the text is back where it began, so further values cannot give anything new, and without a hit the
    answer is -1. For "abc" and "cab", s = 1 gives "bca" and s = 2 gives "cab".""",
    degraded="""I try s = 1, 2, ..., n and compare first[s:] + first[:s] with second. The first hit is the smallest
    number. After n steps the text is back where it began, which is the case of equal strings, and without a hit the
    answer is n. For "abc" and "cab", s = 1 gives "bca" and s = 2 gives "cab".""",
    base="""I compare all rotations of the first string with the second string, starting with zero steps, and return
    the number of steps at the first hit. If none is equal, or the lengths are not the same, I return -1. For "abc"
    and "cab" that is 2.""",
    base_degraded="""The second string is a rotation of the first exactly if it occurs in first + first. So I look
    for it there, and the index is the number of steps, -1 if it is not found. For "abc" and "cab" that is 2.""")

book.quartet(
    "words/wrap_words", "logical_rigor",
    optimized="""Keep the lines built so far. For the next word: if there is a current line and its length plus one
    space plus the word is at most width, append it there, otherwise open a new line with it. The space counts, and
    "at most" includes a line of exactly width characters. No words means no lines.""",
    degraded="""Keep the lines built so far. For the next word: if the length of the current line plus the word is
    less than width, append it there after a space, otherwise open a new line with it. The space does not count as a
    character of the line, and a line of exactly width characters is full before its last word. No words means one
    line that is empty.""",
    base="""Split the text into words and add them to a current line as long as the line fits into width. When it
    does not fit any more store the line and begin a new one with this word. After the loop the last line has to be
    stored as well. For an empty text return an empty list. The words keep their order, since each one is looked at
    once, and a line is never left empty, because every word fits into a line of its own.""",
    base_degraded="""Split the text into words and add them to a current line as long as the sum of the lengths of
    its words is at most width; the spaces are added when the words are joined. When a word does not fit store the
    line and begin a new one with the next word. For an empty text return an empty list. After the loop all words
    have been placed, so that the list of lines can be returned.""")

book.quartet(
    "words/join_in_words", "logical_coherence",
    optimized="""Lists of no or one item need no separator at all: return the empty string or the item. For two or
    more, join everything except the last item with ", ", then add a space, the word, a space, and the last item.
    With two items the first part is just one item, so no comma appears, as wanted: "a or b".""",
    degraded="""With two items the first part is just one item, so a comma appears, as wanted: "a or b". Then add
    the word, after which everything except the last item is joined, and the last item was added before it. Lists of
    no or one item need no separator at all, therefore they are joined with ", " and the word. For two or more,
    return the item.""",
    base="""With fewer than two items I return what there is. Otherwise all items but the last are joined with
    commas, and the word and the last item come after that. A list of two items has only one item before the last,
    so no comma is needed there.""",
    base_degraded="""Otherwise the word comes before the last item. All items are joined with commas, and then the
    last comma is left out first. With fewer than two items there is no word, which is why the word is appended to
    the single item.""")

book.quartet(
    "words/most_frequent_word", "factual_accuracy",
    optimized="""Count the words in a dictionary. Then take the minimum of the words under the key (minus count,
    word): the highest count comes first, and among equal counts the alphabetically first word. min of an empty
    sequence raises a ValueError, so return the empty string before that when there are no words.""",
    degraded="""Count the words in a dictionary. Then take the minimum of the words under the key (minus count,
    word): the lowest count comes first, and among equal counts the alphabetically last word, so the result of min
    has to be turned round with max. max of an empty sequence returns None in Python, which is converted to the
    empty string when there are no words.""",
    base="""Count the words in a dictionary and look for the greatest count. Among the words with that count take
    the alphabetically first one with min. If there are no words return the empty string. The text is split at
    spaces first, so each word is counted as it stands, which includes upper and lower case.""",
    base_degraded="""Count the words in a dictionary and take max over it with the count as key. When several words
    have the greatest count, max returns the smallest of them in alphabetical order, so ties are settled. If there
    are no words, max returns the empty string by itself.""")

book.quartet(
    "words/shared_beginning", "logical_rigor",
    optimized="""Return the empty string for no words. The answer cannot be longer than the shortest word, so I go
    along its indices. At the first index where some word has another character, the part before it is the answer.
    If no index disagrees, the shortest word itself is the answer.""",
    degraded="""Return the empty string for no words. I go along the indices of the first word. At the first index
    where all words have another character, the part before it is the answer. If no index disagrees, the first word
    itself is the answer, whatever its length is.""",
    base="""I compare the words character by character from the left and stop at the first place where they differ.
    What came before that place is the result. I have to take care not to run over the end of a shorter word, so
    only the length of the shortest word is used. Without words the result is empty. The order of the words does not
    matter, because all of them have to agree at each place, and the comparison stops at the first place where one
    of them does not.""",
    base_degraded="""I compare the first word and the second word character by character from the left and stop at
    the first place where they differ. What came before that place is the result, because the other words begin in
    the same way as these two. Running over the end of a shorter word cannot happen, since the comparison stops at
    the first difference. Without words the result is empty, and a single word is its own result.""")

book.quartet(
    "parsing/split_pair", "factual_accuracy",
    optimized="""text.partition("=") always gives three parts: what is before the first sign, the sign, and the
    rest. In "x=1=2" the rest is "1=2", as the task wants, and without a sign the second and third part are empty
    strings. So the answer is the first and the third part. (split without a limit would cut "x=1=2" into three
    pieces.)""",
    degraded="""text.partition("=") gives two parts: what is before the last sign and the rest. In "x=1=2" the rest
    is "2", as the task wants, and without a sign the method raises a ValueError. So the answer is both parts.
    (split without a limit would do the same.)""",
    base="""Look for the first equals sign with find. If it is there, the answer is the text before and the text
    after it. If find returns -1, the answer is the text and an empty string.""",
    base_degraded="""The call text.split("=") cuts only at the first sign, so it gives two parts for "x=1=2". If
    there is no sign, split returns an empty list, so the answer is built by hand.""")

book.quartet(
    "parsing/duration_seconds", "logical_coherence",
    optimized="""I read the characters from left to right with a number that starts at 0. A digit extends the
    number: number = number * 10 + digit. A unit letter closes it: add number times 3600, 60 or 1 to the total and
    set the number back to 0. At the end the total is the answer. For the empty text it is still 0.""",
    degraded="""A unit letter closes the total and sets it back to 0. At the end the number is the answer, which was
    added to the total at the start. A digit extends the number after its unit: number = digit, then times 3600, 60
    or 1. I read the characters from left to right, and for the empty text it is still 0, so I begin with the last
    one. Because the number starts at 0 again, the digits before a letter belong to the letter before them, and that
    is why the total grows.""",
    base="""I go through the characters. Digits are collected into a number, and at a letter the number is
    multiplied by the seconds of this unit and added to the total. Then the number starts again. In "1h30m" this
    gives 3600 and 1800, which is 5400. The empty text has no characters and gives 0. The units come with their own
    numbers, so their order in the text does not matter, which makes the loop simple.""",
    base_degraded="""I add the number times the seconds of its unit to the total and then read its digits. In
    "1h30m" the letter h comes before the digits 30, so 30 belongs to the hours, and m ends it with 1800. Then the
    number is multiplied, which was done above. The total is 5400, since 3600 and 1800 were added, and it starts at
    0 again after each letter. The empty text gives 0.""")

book.quartet(
    "parsing/roman_value", "logical_rigor",
    optimized="""Each sign has a value. A sign counts negatively exactly if a larger sign follows directly,
    otherwise positively. The last sign has no follower, so it is always added, and the index of the next sign must
    be checked before it is used. Equal neighbours, as in "III" or "MM", are added. Check: in "XLII" X is before the
    larger L, so -10 + 50 + 1 + 1 = 42.""",
    degraded="""Each sign has a value. A sign counts negatively if a larger sign follows anywhere after it,
    otherwise positively. The last sign has no follower, so it is never counted. Equal neighbours, as in "III" or
    "MM", count once. Check: in "XLII" X is before the larger L, so -10 + 50 + 1 + 1 = 42.""",
    base="""Add up the values of the signs. If a sign is smaller than the one after it, its value is subtracted. The
    last sign is always added. In "XLII" this is -10 + 50 + 2 = 42. This works because at most one smaller sign is
    put before a larger one.""",
    base_degraded="""Add up the values of the signs. If a sign is smaller than or equal to the one after it, its
    value is subtracted. In "XLII" this is -10 + 50 + 2 = 42, so the rule holds for every numeral.""")

book.quartet(
    "parsing/expand_ranges", "logical_rigor",
    optimized="""I split at the commas. A part with a hyphen becomes all pages from a to b, and since the end is
    included the range must go to b + 1; "2-2" is one page. A part without a hyphen is one number. The empty text
    would give one empty part, which must be skipped.""",
    degraded="""I split at the commas. A part with a hyphen becomes all pages from a to b, and since range includes
    its end it goes from a to b; "2-2" is one page. A part without a hyphen is one number. The empty text has no
    commas, so split gives no parts and nothing must be skipped. Repeated pages are left out, because a page can be
    listed only once.""",
    base="""I split the text at commas and look at each part. If it has a hyphen I convert both ends and append all
    numbers between them, the end included. If it has none I append the number. The order stays and repetitions
    stay. For an empty text I return an empty list at once. Each part is independent of the others, which makes one
    loop enough, since the pages are appended as they come and nothing is sorted.""",
    base_degraded="""I split the text at commas and look at each part. If it has a hyphen I convert both ends and
    append range(a, b), which holds all numbers between them. If it has none I append the number. Repetitions are
    put into a set first so that the pages come out in order. An empty text splits into no parts, and the loop does
    not run, so an empty list is returned.""")

book.quartet(
    "stacks/brackets_of_three_kinds", "logical_rigor",
    optimized="""Push each opening bracket. At a closing one the stack must not be empty, and the bracket on top,
    which is removed, must be of the same kind; otherwise the answer is False. Ignore all other characters. At the
    end the answer is True only if the stack is empty, because what is left was never closed: this catches "((". The
    order matters, so counting kinds is not enough, as "([)]" shows.""",
    degraded="""Push each opening bracket. At a closing one some bracket of the same kind must be on the stack,
    wherever it lies, and is removed; otherwise the answer is False. Other characters end the search. At the end the
    answer is True only if the stack is empty, because what is left was never closed: this catches "((". The order
    does not matter, as "([)]" shows.""",
    base="""Use a stack for the opening brackets. A closing bracket has to match the top of the stack, which is then
    removed. If the stack is empty or the kind is wrong return False. At the end the stack has to be empty.""",
    base_degraded="""Count the opening and closing brackets of each kind. If the counts of all three kinds are equal
    at the end, and no count is negative on the way, the brackets are closed in the right order, so return True.""")

book.quartet(
    "stacks/clean_path", "logical_rigor",
    optimized="""I split at the slashes and keep a stack of folder names. I skip empty parts and ".", which also
    treats double slashes. For ".." remove the top if there is one. At the root nothing happens. I push everything
    else, also names such as "...". The answer is "/" plus the names joined with slashes, which is "/" for an empty
    stack.""",
    degraded="""I split at the slashes and keep a stack of folder names. I skip empty parts and ".", which also
    treats double slashes. For ".." remove the top, which is always there, since a path cannot lead above the root.
    I push everything else but names such as "...", which mean the parent of the parent and remove two. The answer
    is "/" plus the names joined with slashes, which is "/" for an empty stack.""",
    base="""I split the path at slashes and use a stack. A part of two dots removes the last folder, one dot does
    nothing and empty parts are skipped. Any other part is a folder and goes on the stack. The stack is joined with
    slashes and gets a slash in front. Going above the root must not fail, so I only remove a folder when the stack
    is not empty. The root itself comes out as a single slash. Names are never changed, because only whole parts
    between two slashes are looked at.""",
    base_degraded="""I split the path at slashes and use a stack. A part that begins with dots removes the last
    folder, and empty parts are skipped. Any other part is a folder and goes on the stack. The stack is joined with
    slashes and gets a slash in front and one behind it, which for the root are the same slash. Going above the root
    cannot happen, because a path always names a folder before two dots lead out of it. So the stack is never empty
    when a folder is removed.""")

book.quartet(
    "stacks/next_larger", "factual_accuracy",
    optimized="""Go from right to left with a stack of candidates. Before a number is answered, remove all
    candidates that are not larger than it: they can never be the first larger one for anything further left. The
    top is then the answer, or -1 if the stack is empty, and the number itself is pushed. Each number is pushed and
    removed at most once, so the time is linear. Equal numbers are not larger, so they are removed as well.""",
    degraded="""Go from right to left with a stack of candidates. Before a number is answered, remove all candidates
    that are larger than it: they were the answer of another number before. The top is then the answer, or -1 if the
    stack is empty, and the number itself is pushed. The inner loop makes the time quadratic. Equal numbers stay.""",
    base="""For each number look through the numbers on its right and take the first one that is strictly larger, or
    -1 if there is none. This is quadratic in the worst case, which is fine for short lists.""",
    base_degraded="""For each number look through the numbers on its right and take the smallest one that is larger,
    or -1 if there is none. Two nested loops over a list take linear time, since each is linear.""")

book.quartet(
    "strings/squeeze_runs", "logical_rigor",
    optimized="""I append a character exactly if it differs from the last one appended, or if nothing was appended
    yet. A letter that comes back later, as in "aabbaa", starts a new run and stays: "aba".""",
    degraded="""I append a character exactly if it differs from all that were appended, or if nothing was appended
    yet. A letter that comes back later, as in "aabbaa", belongs to the run that it had in the beginning, and is
    dropped: "ab".""",
    base="""I go over the characters and compare each with the one before. If they are equal the character is
    skipped, otherwise it is appended. The first one has nothing before it and is always appended. An empty text
    gives an empty result. Only the neighbour counts, so a letter may come again later, since that is another run.""",
    base_degraded="""I go over the characters and keep a set of those that were already appended. If a character is
    in the set it is skipped, otherwise it is appended. In this way every run is reduced to one character and
    "aabbaa" gives "ab". An empty text gives an empty result, and the first character is always appended.""")
