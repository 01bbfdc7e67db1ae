"""Pictures from outside: a PNG is read part by part, and only the parts that make the picture are kept."""

import struct
import zlib

from lib.errors import RuleBroken

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
NOT_A_PICTURE = "This is no whole PNG picture. Save it again as PNG, and choose that file."


def checked_png(content: bytes, *, least: int, most: int) -> bytes:
    """The picture without texts, dates, profiles and whatever was hung on. RuleBroken where it is no whole PNG, has a side below
    `least` or above `most` pixels, or unpacks to more than it says."""
    parts = _parts(content)
    if not parts or parts[0][0] != b"IHDR" or len(parts[0][1]) != 13 or parts[-1][0] != b"IEND":
        raise RuleBroken("picture", NOT_A_PICTURE)
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", parts[0][1])
    if not (least <= width <= most and least <= height <= most):
        said = f"The picture has {width:,} × {height:,} pixels."
        raise RuleBroken("picture_size", f"{said} Each side needs {least} to {most:,}.")
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise RuleBroken("picture", NOT_A_PICTURE)
    bound = height * (2 + (width * CHANNELS[colour] * depth + 7) // 8) + 64 * (
        height + width
    )  # interlaced rows are a few more
    unpacked = zlib.decompressobj()
    try:
        pixels = unpacked.decompress(b"".join(data for kind, data in parts if kind == b"IDAT"), bound)
    except zlib.error:
        raise RuleBroken("picture", NOT_A_PICTURE) from None
    if not pixels or not unpacked.eof:
        raise RuleBroken("picture", NOT_A_PICTURE)
    return SIGNATURE + b"".join(_part(kind, data) for kind, data in parts if kind in KEPT)


def _parts(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and data of each part up to the end of the picture; empty where one is cut off or does not fit its checksum."""
    if not content.startswith(SIGNATURE):
        return []
    parts, at = [], len(SIGNATURE)
    while at + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + length]
        if _part(kind, data) != content[at : at + 12 + length]:
            return []
        parts.append((kind, data))
        at += 12 + length
        if kind == b"IEND":
            return parts
    return []


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))
