// All limits of this room. An isolate has 128 MB for everything, so everything that is held as a whole is limited far below that.

/** Limits for documents that are written. */
export const MAX_BLOCKS = 5_000;
/** All tables of a document together. */
export const MAX_TABLE_ROWS = 20_000;
export const MAX_TABLE_COLUMNS = 20;
export const MAX_LIST_ITEMS = 1_000;
export const MAX_IMAGES = 50;
export const MAX_TEXT_CHARACTERS = 20_000;
/** Of a text that is given in parts. */
export const MAX_TEXT_PARTS = 500;
export const MAX_CELL_CHARACTERS = 2_000;
/** The tag of a cell takes about 450 bytes of memory. With more cells in all tables together, only rows have tags. */
export const MAX_TAGGED_CELLS = 30_000;
/** A cell with 2,000 line breaks is short in the input and long in the document. */
export const MAX_PAGES_WRITTEN = 5_000;
/** All pictures of a document together, in the form in which they are embedded. */
export const MAX_IMAGE_BYTES = 20_000_000;
/** A PNG is unpacked to be embedded: 12 bytes per pixel for decoding, and 4 for the result. A JPEG is not decoded. */
export const MAX_PNG_PIXELS = 4_000_000;

/** Documents that are held in memory as a whole: PDF, XLSX and JSON. */
export const MAX_PDF_BYTES = 30_000_000;
export const MAX_XLSX_BYTES = 30_000_000;
export const MAX_JSON_BYTES = 25_000_000;
/** Documents that are read as a stream. */
export const MAX_STREAMED_BYTES = 200_000_000;

export const MAX_PDF_PAGES = 2_000;
export const MAX_OUTLINE_ENTRIES = 1_000;
/** The text of all pages of a PDF together. */
export const MAX_PDF_TEXT_CHARACTERS = 10_000_000;
/** Annotations of a PDF: its links, notes and form fields. */
export const MAX_PDF_ANNOTATIONS = 20_000;
/** References in one list of a PDF, such as the annotations of a page, each of which is read at once. */
export const MAX_PDF_LISTED = 50_000;
/** All files that are attached to a PDF together. They are held in memory together with the PDF. */
export const MAX_PDF_ATTACHED_BYTES = 30_000_000;
export const MAX_PDF_ATTACHMENTS = 200;
/** Pieces of text on one page, and on all pages together. Nested drawings can multiply them from a few bytes. */
export const MAX_PDF_PAGE_PIECES = 30_000;
export const MAX_PDF_PIECES = 500_000;
/** Streams of a PDF, including bytes that only look like a stream: each is remembered. */
export const MAX_PDF_STREAMS = 100_000;
/** The unpacked size of one compressed stream of a PDF. */
export const MAX_PDF_STREAM_BYTES = 32_000_000;
/** Pictures are not decoded when text is read, so only a picture of absurd size is refused. */
export const MAX_PDF_IMAGE_STREAM_BYTES = 200_000_000;
/** The unpacked size of all compressed streams of a PDF together, without pictures. */
export const MAX_PDF_INFLATED_BYTES = 300_000_000;

export const MAX_ZIP_ENTRIES = 2_000;
export const MAX_ZIP_ENTRY_BYTES = 60_000_000;
/** The formats, the list of sheets and the relations. */
export const MAX_ZIP_PARSED_BYTES = 10_000_000;
/** The texts that cells share. All of them are held in memory. */
export const MAX_ZIP_STRINGS_BYTES = 30_000_000;
export const MAX_SHARED_STRINGS = 1_000_000;
export const MAX_ZIP_TOTAL_BYTES = 120_000_000;
/** Deflate reaches 1,032 : 1; sheets with repeated rows stay below 100 : 1. Small entries are exempt. */
export const MAX_ZIP_RATIO = 200;

/** One record of a CSV, in bytes. */
export const MAX_RECORD_BYTES = 1_000_000;
/** One line of NDJSON, in characters. */
export const MAX_LINE_CHARACTERS = 1_000_000;
export const MAX_COLUMNS = 1_000;
export const DEFAULT_ROWS = 1_000;
export const MAX_ROWS = 10_000;
/** All rows that a result keeps, in characters. Wide rows reduce their number. */
export const MAX_KEPT_CHARACTERS = 5_000_000;
/** Distinct values that are counted in one column, and in all columns of a table together. */
export const MAX_DISTINCT = 1_000;
export const MAX_DISTINCT_TOTAL = 50_000;

export const MAX_JSON_DEPTH = 500;
/** Values of a JSON document. Each takes about 40 bytes after parsing. */
export const MAX_JSON_VALUES = 1_000_000;
/** Distinct keys that a summary of JSON counts. */
export const MAX_KEYS = 1_000;
export const SAMPLE_ITEMS = 20;
/** All items of a sample together, as JSON. Larger items are left out. */
export const MAX_SAMPLE_CHARACTERS = 100_000;

/** Example: 1,234,567 bytes → "1.2 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}
