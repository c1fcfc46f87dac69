// Every limit of this folder. An isolate has 128 MB for everything; what is held whole is bounded far below that.

/** Written documents. */
export const MAX_BLOCKS = 5_000;
/** Of all tables together. */
export const MAX_TABLE_ROWS = 20_000;
export const MAX_TABLE_COLUMNS = 20;
export const MAX_LIST_ITEMS = 1_000;
export const MAX_IMAGES = 50;
export const MAX_TEXT_CHARACTERS = 20_000;
export const MAX_CELL_CHARACTERS = 2_000;
/** A cell of 2,000 line breaks is short to write and long to print. */
export const MAX_PAGES_WRITTEN = 5_000;
/** All pictures of a document together, as they are embedded. */
export const MAX_IMAGE_BYTES = 20_000_000;
/** A PNG is unpacked to be embedded: 12 bytes a pixel to decode it, and 4 of the result. A JPEG is not decoded. */
export const MAX_PNG_PIXELS = 4_000_000;

/** Read whole: PDF, XLSX and JSON need all their bytes at hand. */
export const MAX_PDF_BYTES = 30_000_000;
export const MAX_XLSX_BYTES = 30_000_000;
export const MAX_JSON_BYTES = 25_000_000;
/** Read as a stream. */
export const MAX_STREAMED_BYTES = 200_000_000;

export const MAX_PDF_PAGES = 2_000;
export const MAX_OUTLINE_ENTRIES = 1_000;
/** Text of a PDF, all pages together. */
export const MAX_PDF_TEXT_CHARACTERS = 10_000_000;
/** Pieces of text, of one page and of all together: parts that draw parts that draw parts multiply them from a few bytes. */
export const MAX_PDF_PAGE_PIECES = 30_000;
export const MAX_PDF_PIECES = 500_000;
/** Streams of a PDF, and what looks like one: each is kept in mind. */
export const MAX_PDF_STREAMS = 100_000;
/** What one compressed stream of a PDF may grow to. */
export const MAX_PDF_STREAM_BYTES = 32_000_000;
/** A picture is not decoded to read the text: only one beyond any use is refused. */
export const MAX_PDF_IMAGE_STREAM_BYTES = 200_000_000;
/** All compressed streams of a PDF together, pictures not counted. */
export const MAX_PDF_INFLATED_BYTES = 300_000_000;

export const MAX_ZIP_ENTRIES = 2_000;
export const MAX_ZIP_ENTRY_BYTES = 60_000_000;
/** Shared strings and other parts that are read into a tree, which takes some twenty times their bytes. */
export const MAX_ZIP_PARSED_BYTES = 3_000_000;
export const MAX_ZIP_TOTAL_BYTES = 120_000_000;
/** Deflate reaches 1,032 : 1; sheets of repeated rows stay below 100 : 1. Small entries are exempt. */
export const MAX_ZIP_RATIO = 200;

/** A record of a CSV, in bytes. */
export const MAX_RECORD_BYTES = 1_000_000;
/** A line of NDJSON, in characters. */
export const MAX_LINE_CHARACTERS = 1_000_000;
export const MAX_COLUMNS = 1_000;
export const DEFAULT_ROWS = 1_000;
export const MAX_ROWS = 10_000;
/** Rows that a result keeps, in characters: wide rows make fewer. */
export const MAX_KEPT_CHARACTERS = 5_000_000;
/** Distinct values counted in one column; all columns of a table share the second number. */
export const MAX_DISTINCT = 1_000;
export const MAX_DISTINCT_TOTAL = 50_000;

export const MAX_JSON_DEPTH = 500;
/** Values of a JSON document: each costs some 40 bytes when parsed. */
export const MAX_JSON_VALUES = 1_000_000;
/** Distinct keys that a summary counts. */
export const MAX_KEYS = 1_000;
export const SAMPLE_ITEMS = 20;
/** Items of a sample, as JSON: larger ones are left out. */
export const MAX_SAMPLE_CHARACTERS = 100_000;

/** 1,234,567 bytes → "1.2 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}
