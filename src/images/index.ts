// The door of the image room: finds the format, measures and resizes pictures. It must know no tasks, no HTTP and no storage.
// Nothing outside imports any other file.

export type { ProfileUse } from './colour/index.ts';
export { createImages, type EngineName, type Images } from './create-images.ts';
export { ImageError, type ImageErrorCode } from './image-error.ts';
export type { ImageFormat, ResizeOptions } from './jobs.ts';
export { MAX_JPEG_PIXELS, MAX_OUTPUT_SIDE, MAX_UNSCALED_PIXELS } from './limits.ts';
export type { Fit } from './place.ts';
export { type PreparedPicture, preparePicture } from './prepare-picture.ts';
export type { Preview } from './preview.ts';
export { type ImageHeader, readHeader } from './read-header.ts';
export { type Metadata, readMetadata } from './read-metadata.ts';
export { type ResizedImage, type ResizeReport, resizeImage } from './resize-image.ts';
export { type SourceFormat, sniffFormat, unreadable } from './sniff-format.ts';
