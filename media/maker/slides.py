"""Draws the slides as SVG. A slide has states: how many of its items the narration has reached."""
import subprocess
from xml.sax.saxutils import escape

from font import Font

WIDTH, HEIGHT = 1280, 720
LEFT, RIGHT = 88, 1192
TOP, BOTTOM = 196, 600

PAPER, INK, MUTED, RULE = "#FAF9F6", "#1C2733", "#586474", "#D8DDDC"
ACCENT, TINT, ON_ACCENT = "#0B6661", "#E2EEEC", "#FFFFFF"
NOT_YET = 0.28


def _font(style):
    found = subprocess.run(["fc-match", "-f", "%{file}", "Noto Sans:style=" + style],
                           check=True, capture_output=True, text=True).stdout
    return Font(found)


REGULAR, BOLD = _font("Regular"), _font("Bold")


def text(x, y, content, size, color=INK, bold=False, anchor="start"):
    return '<text x="%.1f" y="%.1f" font-size="%g" fill="%s" font-weight="%s" text-anchor="%s">%s</text>' % (
        x, y, size, color, "bold" if bold else "normal", anchor, escape(content))


def lines(x, y, content, size, limit, color=INK, bold=False, anchor="start", pitch=1.3):
    """A wrapped text whose first baseline is y: its SVG and the number of its lines."""
    wrapped = (BOLD if bold else REGULAR).wrap(content, size, limit)
    drawn = [text(x, y + index * size * pitch, line, size, color, bold, anchor) for index, line in enumerate(wrapped)]
    return "".join(drawn), len(wrapped)


def box(x, y, width, height, fill, radius=14, stroke="none"):
    return '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%g" fill="%s" stroke="%s" stroke-width="2"/>' % (
        x, y, width, height, radius, fill, stroke)


def disc(x, y, radius, fill):
    return '<circle cx="%.1f" cy="%.1f" r="%g" fill="%s"/>' % (x, y, radius, fill)


def rule(x1, y1, x2, y2, color=RULE, width=2):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g" stroke-linecap="round"/>' % (
        x1, y1, x2, y2, color, width)


def arrow(x1, y1, x2, y2):
    return ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="4" stroke-linecap="round" '
            'marker-end="url(#tip)"/>' % (x1, y1, x2, y2, ACCENT))


def numbered(x, y, number, radius=26):
    return disc(x, y, radius, ACCENT) + text(x, y + radius * 0.38, str(number), radius * 1.08, ON_ACCENT, True, "middle")


def reached(index, shown, drawing):
    """An item as the narration has come to it: whole, or faint as long as it is to come."""
    return drawing if index < shown else '<g opacity="%g">%s</g>' % (NOT_YET, drawing)


def must_fit(bottom, what):
    if bottom > BOTTOM + 8:
        raise ValueError("%s reaches down to %d" % (what, bottom))


def draw_bullets(slide, shown):
    size, pitch, drawn, heights = 38, 1.3, [], []
    for item in slide["items"]:
        heights.append(len(REGULAR.wrap(item, size, RIGHT - LEFT - 48)) * size * pitch)
    gap = min(40, (BOTTOM - TOP - sum(heights)) / max(1, len(heights)))
    y = TOP + 44
    for index, item in enumerate(slide["items"]):
        body, _ = lines(LEFT + 48, y, item, size, RIGHT - LEFT - 48)
        drawn.append(reached(index, shown, disc(LEFT + 12, y - 13, 9, ACCENT) + body))
        y += heights[index] + gap
    must_fit(y - gap - size, slide["heading"])
    return "".join(drawn)


def draw_questions(slide, shown):
    drawn, pitch = [], (BOTTOM - TOP) / len(slide["items"])
    for index, item in enumerate(slide["items"]):
        middle = TOP + pitch * (index + 0.5)
        body, count = lines(LEFT + 96, 0, item, 42, RIGHT - LEFT - 96)
        first = middle + 15 - (count - 1) * 42 * 0.65
        body, _ = lines(LEFT + 96, first, item, 42, RIGHT - LEFT - 96)
        drawn.append(reached(index, shown, numbered(LEFT + 34, middle, index + 1, 34) + body))
    return "".join(drawn)


def draw_layers(slide, shown):
    drawn, count, gap = [], len(slide["items"]), 16
    height = (BOTTOM - TOP - gap * (count - 1)) / count
    for index, item in enumerate(slide["items"]):
        width = 620 + (RIGHT - LEFT - 620) * index / (count - 1)
        y, now = TOP + index * (height + gap), index == shown - 1
        drawing = box(WIDTH / 2 - width / 2, y, width, height, ACCENT if now else TINT)
        drawing += text(WIDTH / 2, y + height / 2 + 14, item, 40, ON_ACCENT if now else INK, now, "middle")
        drawn.append(reached(index, shown, drawing))
    return "".join(drawn)


def draw_table(slide, shown):
    drawn, space = [], BOTTOM - TOP - (70 if "note" in slide else 0)
    pitch = min(120, space / len(slide["items"]))
    for index, (name, year, meaning) in enumerate(slide["items"]):
        y = TOP + pitch * index
        middle = y + pitch / 2 + 14
        drawing = text(LEFT, middle, name, 42, ACCENT, True) + text(LEFT + 206, middle, year, 36, MUTED)
        body, count = lines(LEFT + 330, middle, meaning, 40, RIGHT - LEFT - 330)
        if count != 1:
            raise ValueError("%r needs %d lines" % (meaning, count))
        drawn.append(reached(index, shown, drawing + body))
        drawn.append(rule(LEFT, y + pitch, RIGHT, y + pitch))
    if "note" in slide:
        drawn.append(lines(LEFT, BOTTOM - 8, slide["note"], 28, RIGHT - LEFT, MUTED)[0])
    return "".join(drawn)


def draw_timeline(slide, shown):
    items, drawn, axis = slide["items"], [], LEFT + 156
    pitch = min(124, (BOTTOM - TOP) / len(items))
    first = TOP + pitch / 2
    drawn.append(rule(axis, first, axis, first + pitch * (len(items) - 1), RULE, 4))
    for index, (year, name, meaning) in enumerate(items):
        y = first + pitch * index
        drawing = disc(axis, y, 12, PAPER) + disc(axis, y, 10, ACCENT) + text(axis - 36, y + 15, year, 42, ACCENT, True, "end")
        if meaning:
            drawing += text(axis + 44, y - 5, name, 36, INK, True) + text(axis + 44, y + 32, meaning, 30, MUTED)
        else:
            drawing += text(axis + 44, y + 14, name, 38, INK, True)
        if max(BOLD.width(name, 38), REGULAR.width(meaning, 32)) > RIGHT - axis - 44:
            raise ValueError("%r is too wide" % name)
        drawn.append(reached(index, shown, drawing))
    return "".join(drawn)


def draw_pillars(slide, shown):
    drawn, gap = [], 24
    width = (RIGHT - LEFT - gap * 2) / 3
    for index, (name, meaning) in enumerate(slide["items"]):
        x = LEFT + index * (width + gap)
        drawing = box(x, TOP, width, BOTTOM - TOP, TINT) + box(x, TOP, width, 10, ACCENT, 5) + numbered(x + 54, TOP + 64, index + 1)
        head, count = lines(x + 28, TOP + 144, name, 36, width - 50, INK, True, pitch=1.22)
        body, more = lines(x + 28, TOP + 144 + count * 44 + 12, meaning, 30, width - 50)
        must_fit(TOP + 144 + count * 44 + 12 + more * 39 - 20, name)
        drawn.append(reached(index, shown, drawing + head + body))
    return "".join(drawn)


def draw_share(slide, shown):
    drawn, middle, radius = [], (TOP + BOTTOM) / 2, 142
    centre = LEFT + radius
    words = BOLD.wrap(slide["centre"], 36, radius * 2 - 50)
    drawn.append(disc(centre, middle, radius, ACCENT))
    for index, line in enumerate(words):
        drawn.append(text(centre, middle + 12 + (index - (len(words) - 1) / 2) * 44, line, 36, ON_ACCENT, True, "middle"))
    left, gap = 600, 22
    height = (BOTTOM - TOP - gap * 2) / 3
    for index, (name, meaning) in enumerate(slide["items"]):
        y = TOP + index * (height + gap)
        drawing = arrow(centre + radius + 22, middle + (index - 1) * 46, left - 26, y + height / 2)
        drawing += box(left, y, RIGHT - left, height, TINT)
        drawing += text(left + 36, y + height / 2 - 8, name, 38, INK, True) + text(left + 36, y + height / 2 + 36, meaning, 32, MUTED)
        drawn.append(reached(index, shown, drawing))
    return "".join(drawn)


def draw_compare(slide, shown):
    first, second, top = LEFT + 190, LEFT + 650, TOP - 6
    width = second - first - 40
    drawn = [text(first, top + 36, slide["columns"][0], 36, ACCENT, True), text(second, top + 36, slide["columns"][1], 36, ACCENT, True),
             rule(LEFT, top + 62, RIGHT, top + 62, ACCENT, 3)]
    pitch = (BOTTOM - top - 62) / len(slide["items"])
    for index, (name, one, other) in enumerate(slide["items"]):
        y = top + 62 + pitch * index
        drawing = text(LEFT, y + pitch / 2 + 12, name, 32, MUTED)
        for x, content in ((first, one), (second, other)):
            limit = width if x == first else RIGHT - second
            count = len(REGULAR.wrap(content, 34, limit))
            if count > 2:
                raise ValueError("%r needs %d lines" % (content, count))
            drawing += lines(x, y + pitch / 2 + 12 - (count - 1) * 22, content, 34, limit)[0]
        drawn.append(reached(index, shown, drawing))
        if index + 1 < len(slide["items"]):
            drawn.append(rule(LEFT, y + pitch, RIGHT, y + pitch))
    return "".join(drawn)


def draw_bars(slide, shown):
    drawn, start, full = [], LEFT + 412, 530
    pitch = (BOTTOM - TOP - 70) / len(slide["items"])
    for index, (name, value) in enumerate(slide["items"]):
        middle = TOP + pitch * (index + 0.5)
        drawing = text(LEFT, middle + 13, name, 36)
        drawing += box(start, middle - 30, full, 60, TINT, 8) + box(start, middle - 30, full * value / 100, 60, ACCENT, 8)
        drawing += text(start + full + 20, middle + 14, "%g %s" % (value, slide["unit"]), 38, INK, True)
        drawn.append(reached(index, shown, drawing))
    drawn.append(lines(LEFT, BOTTOM - 8, slide["note"], 28, RIGHT - LEFT, MUTED)[0])
    return "".join(drawn)


def draw_pair(slide, shown):
    drawn, gap = [], 32
    width = (RIGHT - LEFT - gap) / 2
    for index, (name, items) in enumerate(slide["items"]):
        x = LEFT + index * (width + gap)
        drawing = box(x, TOP, width, BOTTOM - TOP, TINT) + box(x, TOP, width, 10, ACCENT, 5)
        drawing += text(x + 36, TOP + 76, name, 40, ACCENT, True)
        y = TOP + 144
        for item in items:
            body, count = lines(x + 66, y, item, 33, width - 66 - 28)
            drawing += disc(x + 44, y - 11, 7, ACCENT) + body
            y += count * 43 + 20
        must_fit(y - 60, name)
        drawn.append(reached(index, shown, drawing))
    return "".join(drawn)


def draw_steps(slide, shown):
    drawn, count, gap = [], len(slide["items"]), 34
    width, height = (RIGHT - LEFT - gap * (count - 1)) / count, 270
    top = (TOP + BOTTOM - height) / 2
    for index, item in enumerate(slide["items"]):
        x, now = LEFT + index * (width + gap), index == shown - 1
        drawing = box(x, top, width, height, TINT, stroke=ACCENT if now else "none") + numbered(x + width / 2, top + 70, index + 1, 34)
        body, used = lines(x + width / 2, top + 170, item, 34, width - 16, INK, now, "middle", 1.25)
        if used > 2:
            raise ValueError("%r needs %d lines" % (item, used))
        drawing += body
        if index:
            drawing += arrow(x - gap + 5, top + height / 2, x - 14, top + height / 2)
        drawn.append(reached(index, shown, drawing))
    return "".join(drawn)


def draw_sources(slide, _):
    drawn, size, y = [], 29, TOP + 24
    counts = [len(REGULAR.wrap(item, size, RIGHT - LEFT - 40)) for item in slide["items"]]
    gap = min(26, (BOTTOM - TOP - sum(counts) * size * 1.3) / (len(counts) - 1))
    for item, count in zip(slide["items"], counts):
        drawn.append(rule(LEFT + 2, y - 24, LEFT + 2, y + (count - 1) * size * 1.3 + 6, ACCENT, 4))
        drawn.append(lines(LEFT + 28, y, item, size, RIGHT - LEFT - 40)[0])
        y += count * size * 1.3 + gap
    must_fit(y - gap - size, slide["heading"])
    return "".join(drawn)


DRAW = {"bullets": draw_bullets, "questions": draw_questions, "layers": draw_layers, "table": draw_table, "timeline": draw_timeline,
        "pillars": draw_pillars, "share": draw_share, "compare": draw_compare, "bars": draw_bars, "pair": draw_pair,
        "steps": draw_steps, "sources": draw_sources}


def draw_title(slide, provider):
    drawn = ['<rect width="1280" height="720" fill="%s"/>' % ACCENT]
    for radius in (150, 250, 350, 450):
        drawn.append('<circle cx="1160" cy="640" r="%d" fill="none" stroke="#FFFFFF" stroke-opacity="0.10" stroke-width="44"/>' % radius)
    drawn.append(text(LEFT, 120, provider, 30, "#CFE5E2"))
    heading, count = lines(LEFT, 0, slide["heading"], 84, 1000, ON_ACCENT, True, pitch=1.16)
    top = 384 - (count - 1) * 49
    heading, _ = lines(LEFT, top, slide["heading"], 84, 1000, ON_ACCENT, True, pitch=1.16)
    below = top + (count - 1) * 84 * 1.16
    drawn += [heading, box(LEFT, below + 40, 120, 8, "#8CD0C8", 4), lines(LEFT, below + 122, slide["text"], 44, 1000, "#E2EEEC")[0]]
    return "".join(drawn)


def draw(slide, shown, number, total, lecture_title, provider):
    if slide["layout"] == "title":
        body = draw_title(slide, provider)
    else:
        if BOLD.width(slide["heading"], 54) > RIGHT - LEFT:
            raise ValueError("the heading %r is too wide" % slide["heading"])
        body = '<rect width="1280" height="720" fill="%s"/>' % PAPER
        body += text(LEFT, 124, slide["heading"], 54, INK, True) + box(LEFT, 146, 96, 7, ACCENT, 3.5)
        body += DRAW[slide["layout"]](slide, shown)
        body += text(LEFT, 672, lecture_title, 24, MUTED) + text(RIGHT, 672, "%d / %d" % (number, total), 24, MUTED, False, "end")
        body += '<rect y="712" width="1280" height="8" fill="%s"/><rect y="712" width="%.1f" height="8" fill="%s"/>' % (
            TINT, WIDTH * number / total, ACCENT)
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720" font-family="Noto Sans">'
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="7" refY="5" markerWidth="5" markerHeight="5" orient="auto">'
            '<path d="M0 0L10 5L0 10z" fill="%s"/></marker></defs>%s</svg>' % (ACCENT, body))
