"""Turns the narration's translations into WebVTT, timed by the measured length of each spoken sentence.

In a translation, | begins a new caption and / a new line; without a / a long caption is broken near its middle."""

LONGEST_LINE = {"en": 42, "vi": 42, "mn": 42, "ja": 20}


def caption_lines(language, content):
    limit = LONGEST_LINE[language]
    if "/" in content:
        found = content.split("/")
    elif len(content) <= limit:
        found = [content]
    else:
        found = _break_near_middle(content, limit)
    if found is None or len(found) > 2 or any(len(line) > limit for line in found):
        raise ValueError("this does not fit two lines of %d (%s): %s" % (limit, language, content))
    return found


def _break_near_middle(content, limit):
    """A break after a comma or colon is worth up to eight characters of imbalance."""
    best, cost = None, None
    for at, character in enumerate(content):
        first, second = content[:at], content[at + 1:]
        if character != " " or len(first) > limit or len(second) > limit:
            continue
        this = abs(len(first) - len(second)) - (8 if first[-1] in ",;:" else 0)
        if cost is None or this < cost:
            best, cost = [first, second], this
    return best


def cues(language, sentences):
    """sentences: (start, end, translations). Gives (start, end, lines), in seconds."""
    found = []
    for start, end, translations in sentences:
        parts = translations[language].split("|")
        total, at = sum(len(part) for part in parts), start
        for index, part in enumerate(parts):
            until = end if index == len(parts) - 1 else at + (end - start) * len(part) / total
            found.append((at, until, caption_lines(language, part)))
            at = until
    return found


def timestamp(seconds):
    millis = round(seconds * 1000)
    return "%02d:%02d:%02d.%03d" % (millis // 3600000, millis // 60000 % 60, millis // 1000 % 60, millis % 1000)


def webvtt(language, sentences):
    blocks = ["WEBVTT"]
    for start, end, content in cues(language, sentences):
        blocks.append("%s --> %s\n%s" % (timestamp(start), timestamp(end), "\n".join(content)))
    return "\n\n".join(blocks) + "\n"
