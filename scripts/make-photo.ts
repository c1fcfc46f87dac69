// `npx node scripts/make-photo.ts photo.jpg`: writes a 12-megapixel test photo, rotated by its EXIF orientation as phones do.
import { writeFileSync } from 'node:fs';
import { failWith, UsageError } from './options.ts';
import { makePhoto } from './photo.ts';

try {
  const file = process.argv[2];
  if (!file || file.startsWith('-'))
    throw new UsageError('Name the file to write: npx node scripts/make-photo.ts photo.jpg');
  const photo = await makePhoto({ width: 3024, height: 4032, orientation: 6 });
  writeFileSync(file, photo);
  process.stdout.write(
    `Wrote ${file}: ${(photo.length / 1_000_000).toFixed(1)} MB, 3024 × 4032 pixels, EXIF orientation 6.\n`,
  );
} catch (error) {
  failWith(error);
}
