"""A picture of a screen of characters, and whether they can be read: each character has a glyph of its own, and the
glyphs have nothing in common, as the boxes of a font that lacks them have."""

INK = 96                    # how far a pixel is from its ground, in all three colours, to be ink
INK_MIN, COMMON_MAX = 20, 8


class Picture:
    """Of a PPM file."""

    def __init__(self, path, cell):
        with open(path, "rb") as stream:
            magic, size, depth, self.pixels = stream.read().split(b"\n", 3)
        if magic != b"P6" or depth != b"255":
            raise RuntimeError(f"{path} is no picture that is understood")
        self.width, self.height = map(int, size.split())
        self.cell = cell

    def glyph(self, row, column, columns):
        """Set of the pixels that are ink."""
        width, height = self.cell
        pixels = {}
        for y in range(height):
            for x in range(width * columns):
                at = 3 * ((row * height + y) * self.width + column * width + x)
                pixels[x, y] = self.pixels[at:at + 3]
        colours = list(pixels.values())
        ground = max(set(colours), key=colours.count)
        return frozenset(at for at, colour in pixels.items() if sum(abs(a - b) for a, b in zip(colour, ground)) >= INK)


def trouble(picture, texts):
    """What is wrong with the Chinese of these texts, each (row, column, text); "" nothing."""
    glyphs = {}
    for row, column, text in texts:
        for character in text:
            wide = 1 if ord(character) < 0x1100 else 2
            if wide == 2:
                glyphs.setdefault(character, set()).add(picture.glyph(row, column, wide))
            column += wide
    first = {character: next(iter(found)) for character, found in glyphs.items()}
    if any(len(ink) < INK_MIN for ink in first.values()):
        return "nothing is there for " + "".join(c for c, ink in first.items() if len(ink) < INK_MIN)
    if len(set(first.values())) < len(first):
        return f"{len(first)} characters have {len(set(first.values()))} glyphs"
    if any(len(found) > 1 for found in glyphs.values()):
        return "one character has several glyphs: " + "".join(c for c, found in glyphs.items() if len(found) > 1)
    common = frozenset.intersection(*first.values())
    return f"all glyphs share {len(common)} pixels: boxes" if len(common) > COMMON_MAX else ""
