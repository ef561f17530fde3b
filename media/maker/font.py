"""How wide a text is: reads advance widths from a TrueType file, so that slides wrap and fit by measure."""
import re
import struct


class Font:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        count = struct.unpack_from(">H", self.data, 4)[0]
        self.tables = {}
        for index in range(count):
            tag, _, offset, _ = struct.unpack_from(">4sIII", self.data, 12 + 16 * index)
            self.tables[tag.decode()] = offset
        self.units = struct.unpack_from(">H", self.data, self.tables["head"] + 18)[0]
        self.metrics = struct.unpack_from(">H", self.data, self.tables["hhea"] + 34)[0]
        self.glyphs = self._read_character_map()

    def _read_character_map(self):
        cmap = self.tables["cmap"]
        glyphs = {}
        for index in range(struct.unpack_from(">H", self.data, cmap + 2)[0]):
            start = cmap + struct.unpack_from(">I", self.data, cmap + 8 + 8 * index)[0]
            if struct.unpack_from(">H", self.data, start)[0] != 4:
                continue
            segments = struct.unpack_from(">H", self.data, start + 6)[0] // 2
            column = struct.Struct(">%dH" % segments)
            ends = column.unpack_from(self.data, start + 14)
            starts = column.unpack_from(self.data, start + 16 + 2 * segments)
            deltas = column.unpack_from(self.data, start + 16 + 4 * segments)
            offsets_at = start + 16 + 6 * segments
            offsets = column.unpack_from(self.data, offsets_at)
            for segment in range(segments):
                for code in range(starts[segment], min(ends[segment], 0xFFFE) + 1):
                    if offsets[segment] == 0:
                        glyph = (code + deltas[segment]) & 0xFFFF
                    else:
                        at = offsets_at + 2 * segment + offsets[segment] + 2 * (code - starts[segment])
                        glyph = struct.unpack_from(">H", self.data, at)[0]
                        glyph = (glyph + deltas[segment]) & 0xFFFF if glyph else 0
                    if glyph:
                        glyphs[code] = glyph
        return glyphs

    def width(self, text, size):
        total = 0
        for character in text:
            glyph = self.glyphs.get(ord(character))
            if glyph is None:
                raise ValueError("the slide font has no %r (in %r)" % (character, text))
            entry = min(glyph, self.metrics - 1)
            total += struct.unpack_from(">H", self.data, self.tables["hmtx"] + 4 * entry)[0]
        return total * size / self.units

    def wrap(self, text, size, limit):
        """Breaks a text at spaces into the fewest lines that fit, and makes them about equally long; 'No. 87' stays whole."""
        text = re.sub(r"No\. (?=\d)", "No.\u00a0", text)
        lines = self._fill(text, size, limit)
        if lines is None:
            raise ValueError("%r is wider than %d at %d" % (text, limit, size))
        for narrower in range(int(limit), 0, -10):
            shorter = self._fill(text, size, narrower)
            if shorter is None or len(shorter) > len(lines):
                break
            lines = shorter
        return lines

    def _fill(self, text, size, limit):
        lines, line = [], ""
        for word in text.split(" "):
            if self.width(word, size) > limit:
                return None
            longer = line + " " + word if line else word
            if self.width(longer, size) > limit:
                lines.append(line)
                longer = word
            line = longer
        return lines + [line]
