// The only error of this room. The same bytes always fail in the same way, so it is always permanent.

/**
 * - `empty_file`: the file has no bytes or no text
 * - `unsupported_document`: a kind of document that is not read here; the message names it
 * - `document_too_large`: beyond a limit, which the message names
 * - `encrypted_pdf`, `wrong_password`: a password is needed, or the given one is wrong
 * - `unmeasurable_pdf`: a stream is compressed in a way whose unpacked size cannot be found without unpacking it
 * - `invalid_pdf`, `invalid_csv`, `invalid_xlsx`, `invalid_json`: damaged, or not what its first bytes suggest
 * - `field_too_large`: one field, cell or line is beyond the limit
 * - `sheet_not_found`: the workbook has no such sheet
 * - `too_many_pages`: the PDF to be written would have more pages than the limit
 * - `broken_image`, `image_not_found`: a picture of the PDF to be written cannot be used
 */
export type DocumentErrorCode =
  | 'empty_file'
  | 'unsupported_document'
  | 'document_too_large'
  | 'encrypted_pdf'
  | 'wrong_password'
  | 'unmeasurable_pdf'
  | 'invalid_pdf'
  | 'invalid_csv'
  | 'invalid_xlsx'
  | 'invalid_json'
  | 'field_too_large'
  | 'sheet_not_found'
  | 'too_many_pages'
  | 'broken_image'
  | 'image_not_found';

/** Why a document cannot be read or written. A user reads the message as the error of a task. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';

  constructor(
    readonly code: DocumentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
