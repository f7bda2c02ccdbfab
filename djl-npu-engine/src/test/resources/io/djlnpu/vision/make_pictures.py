"""Writes small pictures of every kind that is read, and what PIL makes of them, into pictures.json.

    pip install 'pillow==11.3.0' numpy && python make_pictures.py

Each entry: the file, the RGB pixels after exif_transpose and convert("RGB"), and the same resized to 16 x 16.
"""

import base64
import io
import json
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps

random = np.random.default_rng(7)
WIDTH, HEIGHT = 21, 17


def smooth(channels):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [127 + 90 * np.sin(x / (3 + c) + c) * np.cos(y / (4 + c)) + 30 * (x > 9) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def png(array, depth, colour, interlace=0):
    """A PNG of exactly this depth and colour type; array is [height, width, samples]."""
    height, width, samples = array.shape
    rows = b""
    for row in array.reshape(height, -1):
        if depth == 16:
            packed = row.astype(">u2").tobytes()
        elif depth == 8:
            packed = row.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(v, f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        rows += b"\0" + packed
    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def rgba_noise(samples, top):
    return random.integers(0, top, (HEIGHT, WIDTH, samples))


colour = Image.fromarray(smooth(3))
files = {
    "grey1.png": png(rgba_noise(1, 2), 1, 0),
    "grey2.png": png(rgba_noise(1, 4), 2, 0),
    "grey4.png": png(rgba_noise(1, 16), 4, 0),
    "grey8.png": png(rgba_noise(1, 256), 8, 0),
    "grey16.png": png(rgba_noise(1, 600), 16, 0),
    "grey-alpha8.png": png(rgba_noise(2, 256), 8, 4),
    "grey-alpha16.png": png(rgba_noise(2, 65536), 16, 4),
    "rgb8.png": png(rgba_noise(3, 256), 8, 2),
    "rgb16.png": png(rgba_noise(3, 65536), 16, 2),
    "rgba8.png": png(rgba_noise(4, 256), 8, 6),
    "rgba16.png": png(rgba_noise(4, 65536), 16, 6),
    "palette8.png": saved(colour.quantize(100), "PNG"),
    "palette4.png": saved(colour.quantize(13), "PNG", bits=4),
    "palette2-transparent.png": saved(colour.quantize(4), "PNG", bits=2, transparency=1),
    "exif.png": saved(colour, "PNG", exif=exif(6)),
    "420.jpg": saved(colour, "JPEG", quality=80),
    "422.jpg": saved(colour, "JPEG", quality=80, subsampling=1),
    "444.jpg": saved(colour, "JPEG", quality=90, subsampling=0),
    "rgb.jpg": saved(colour, "JPEG", keep_rgb=True),
    "grey.jpg": saved(colour.convert("L"), "JPEG"),
    "progressive.jpg": saved(colour, "JPEG", progressive=True),
    "cmyk.jpg": saved(Image.fromarray(smooth(4), "CMYK"), "JPEG"),
    "lossless.webp": saved(colour, "WEBP", lossless=True),
    "lossless-alpha.webp": saved(Image.fromarray(smooth(4), "RGBA"), "WEBP", lossless=True, exact=True),
    "exif.webp": saved(colour, "WEBP", lossless=True, exif=exif(5)),
    "lossy.webp": saved(colour, "WEBP", quality=80),
}
# no JFIF marker, as cameras write it: the components alone say what they are
full = files["444.jpg"]
files["unmarked.jpg"] = full[:2] + full[4 + struct.unpack(">H", full[4:6])[0] :]
for orientation in range(1, 9):
    files[f"exif{orientation}.jpg"] = saved(colour, "JPEG", quality=95, exif=exif(orientation))


def with_chunk(file, tag, data):
    """The PNG with a chunk more, behind its header."""
    chunk = struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
    return file[:33] + chunk + file[33:]


def interlaced(array):
    """An RGB PNG in Adam7's seven passes."""
    rows = b""
    for left, top, right, down in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in array[top::down, left::right]:
            rows += b"\0" + row.astype(np.uint8).tobytes()
    plain = png(array, 8, 2, 1)
    return plain[:33] + with_chunk(plain[:33], b"IDAT", zlib.compress(rows))[33:] + plain[-12:]


def adobe(file, transform):
    """The JPEG with Adobe's marker instead of JFIF's: 0 for RGB or CMYK, 1 for YCC, 2 for YCCK."""
    marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])
    return file[:2] + marker + file[4 + struct.unpack(">H", file[4:6])[0] :]


# red and blue exchanged: pixels that a reader takes through the profile are far off
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * profile[131], 12)}
red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = profile[blue + 4 : blue + 12], profile[red + 4 : red + 12]
profile = bytes(profile)

noise = rgba_noise(3, 256)
files["interlaced.png"] = interlaced(noise)
files["rgb-transparent.png"] = with_chunk(png(noise, 8, 2), b"tRNS", struct.pack(">HHH", *noise[3, 4]))
files["grey-transparent.png"] = with_chunk(png(noise[..., :1], 8, 0), b"tRNS", struct.pack(">H", noise[3, 4, 0]))
files["palette-alpha.png"] = saved(colour.quantize(100), "PNG", transparency=bytes(range(100)))
files["gamma.png"] = with_chunk(png(noise, 8, 2), b"gAMA", struct.pack(">I", 100000))
files["profile.png"] = saved(colour, "PNG", icc_profile=profile)
files["grey-profile.png"] = saved(colour.convert("L"), "PNG", icc_profile=profile)
files["animated.png"] = saved(colour, "PNG", save_all=True, append_images=[colour.rotate(180)], duration=50)
files["dot.png"] = png(noise[:1, :1], 8, 2)
files["line.png"] = png(np.tile(noise[:, :1], (90, 1, 1)), 8, 2)
files["profile.jpg"] = saved(colour, "JPEG", icc_profile=profile)
files["adobe-ycc.jpg"] = adobe(full, 1)
files["adobe-rgb.jpg"] = adobe(full, 0)
files["ycck.jpg"] = (lambda c: c.replace(b"Adobe\x00\x64\x00\x00\x00\x00\x00", b"Adobe\x00\x64\x00\x00\x00\x00\x02"))(files["cmyk.jpg"])
assert files["ycck.jpg"] != files["cmyk.jpg"]
files["restarts.jpg"] = saved(colour, "JPEG", restart_marker_blocks=2)
files["several.jpg"] = saved(colour, "MPO", save_all=True, append_images=[colour.rotate(180)])
files["dot.jpg"] = saved(colour.crop((3, 3, 4, 4)), "JPEG")
files["profile.webp"] = saved(colour, "WEBP", lossless=True, icc_profile=profile)

entries = []
for name, data in files.items():
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    entries.append(
        {
            "name": name,
            "file": base64.b64encode(data).decode(),
            "width": image.width,
            "height": image.height,
            "rgb": base64.b64encode(image.tobytes()).decode(),
            "resized": base64.b64encode(image.resize((16, 16), Image.BILINEAR).tobytes()).decode(),
        }
    )

# sizes only: the pixel at x, y is (7 x + 3 y, x y, x + y) modulo 256
resizes = []
for width, height, to in [(1, 1, 5), (5, 3, 24), (24, 24, 24), (112, 7, 24), (3, 901, 16), (1024, 2, 9), (48, 25, 24)]:
    y, x = np.mgrid[0:height, 0:width]
    image = Image.fromarray((np.stack([7 * x + 3 * y, x * y, x + y], -1) % 256).astype(np.uint8))
    resized = base64.b64encode(image.resize((to, to), Image.BILINEAR).tobytes()).decode()
    resizes.append({"width": width, "height": height, "to": to, "resized": resized})

with open("pictures.json", "w") as out:
    json.dump({"pillow": PIL.__version__, "pictures": entries, "resizes": resizes}, out, indent=1)
