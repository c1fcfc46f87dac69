# The Pillow side. `photo <file> <width> <height>` writes the JPEG that every side shrinks; `thumbnail <file> <rounds>`
# times open → thumbnail((500, 500)) → exif_transpose → JPEG q80, all in memory, and prints one JSON line.
# The transposition comes last on purpose: before thumbnail() it decodes all pixels and costs Pillow three times as much.
import io
import json
import random
import sys
import time

from PIL import Image, ImageFilter, ImageOps


def make_photo(path, width, height):
    """Smooth colours, edges and sensor noise: the same picture for the same size, about as large as a phone's."""
    seed = random.Random(1)
    small = Image.frombytes("RGB", (96, 72), seed.randbytes(96 * 72 * 3))
    smooth = small.filter(ImageFilter.GaussianBlur(2)).resize((width, height), Image.Resampling.BICUBIC)
    edges = small.resize((width, height), Image.Resampling.NEAREST)
    noise = Image.frombytes("RGB", (width, height), seed.randbytes(width * height * 3))
    photo = Image.blend(Image.blend(smooth, edges, 0.15), noise, 0.08)
    photo.save(path, "JPEG", quality=90, subsampling=2)


def thumbnail(data):
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((500, 500))
        out = io.BytesIO()
        ImageOps.exif_transpose(image).save(out, "JPEG", quality=80)
        return image.size, out.getbuffer().nbytes


def timed(data):
    started = time.perf_counter()
    thumbnail(data)
    return (time.perf_counter() - started) * 1000


if sys.argv[1] == "photo":
    make_photo(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    with open(sys.argv[2], "rb") as file:
        photo = file.read()
    (width, height), size = thumbnail(photo)
    millis = [timed(photo) for _ in range(int(sys.argv[3]))]
    print(json.dumps({"millis": millis, "width": width, "height": height, "bytes": size, "peakWasmBytes": 0}))
