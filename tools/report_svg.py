#!/usr/bin/env python3
"""Draw a terminal report as an SVG picture: what was read, and the sections named, or all.

    make demo && build/assay evaluate build/demo/fashion-mnist.assay --model cnn --colour always |
        tools/report_svg.py Scores Confusion Metrics 'Performance by metric' > docs/report.svg

Understands bold, faint and the 256 colours, which is all that the report uses.
"""
import html
import re
import sys
import unicodedata

CELL, LINE, MARGIN, SIZE = 7.8, 17, 16, 13
PAPER, INK = "#16181d", "#d6d9de"
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
BASIC = ["#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d9de",
         "#7f848e", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff"]


def colour(number):
    """The RGB of one of the 256 terminal colours."""
    if number < 16:
        return BASIC[number]
    if number >= 232:
        level = 8 + 10 * (number - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#" + "".join(f"{steps[number // by % 6]:02x}" for by in (36, 6, 1))


def restyle(style, codes):
    """The style after one escape sequence."""
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code in (1, 2):
            style = {**style, "bold" if code == 1 else "faint": True}
        elif code in (38, 48) and codes[:1] == [5]:
            style = {**style, "ink" if code == 38 else "paper": colour(codes[1])}
            codes = codes[2:]
        elif 30 <= code <= 37:
            style = {**style, "ink": colour(code - 30)}
        elif code == 39:
            style = {key: value for key, value in style.items() if key != "ink"}
        elif code == 49:
            style = {key: value for key, value in style.items() if key != "paper"}
        elif code == 22:
            style = {key: value for key, value in style.items() if key not in ("bold", "faint")}
    return style


def runs(line, style):
    """(text, style) pieces of a line, and the style at its end."""
    pieces, at = [], 0
    for match in ESCAPE.finditer(line):
        pieces.append((line[at:match.start()], style))
        style, at = restyle(style, match[1]), match.end()
    pieces.append((line[at:], style))
    return [piece for piece in pieces if piece[0]], style


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def draw(pieces, top):
    """One line: first what lies behind, then the words."""
    behind, words, column = [], [], 0
    for text, style in pieces:
        left, width = MARGIN + column * CELL, columns(text) * CELL
        if "paper" in style:
            behind.append(f'<rect x="{left:.1f}" y="{top - LINE + 4:.1f}" width="{width:.1f}" '
                          f'height="{LINE}" fill="{style["paper"]}"/>')
        if text.strip():
            weight = ' font-weight="bold"' if style.get("bold") else ""
            faint = ' opacity="0.6"' if style.get("faint") else ""
            words.append(f'<text x="{left:.1f}" y="{top:.1f}" fill="{style.get("ink", INK)}"{weight}{faint} '
                         f'textLength="{width:.1f}" xml:space="preserve">{html.escape(text)}</text>')
        column += columns(text)
    return behind + words


def choose(lines, wanted):
    """The lines before the first section, and those of the wanted sections."""
    chosen, shown = [], True
    for line in lines:
        plain = ESCAPE.sub("", line)
        heading = re.match(r" (\S.*?) (?:─|--)", plain)
        shown = heading[1] in wanted if heading else shown
        chosen += [line] if shown else []
    return chosen


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    lines = choose(lines, sys.argv[1:]) if sys.argv[1:] else lines
    body, style, top, widest = [], {}, MARGIN + SIZE, 0
    for line in lines:
        pieces, style = runs(line, style)
        body += draw(pieces, top)
        widest = max(widest, sum(columns(text) for text, _ in pieces))
        top += LINE
    width, height = widest * CELL + 2 * MARGIN, top + MARGIN - SIZE
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
          f'font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" font-size="{SIZE}">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>')
    print(*body, sep="\n")
    print("</svg>")


main()
