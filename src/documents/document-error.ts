// The one error of this folder. The same bytes fail the same way again, so it is always permanent.

/**
 * - `empty_file`: no bytes at all
 * - `unsupported_document`: of a kind that is not read here, which the message names
 * - `document_too_large`: beyond a limit, which the message names
 * - `encrypted_pdf`, `wrong_password`: a password is needed, or another one
 * - `invalid_pdf`, `invalid_csv`, `invalid_xlsx`, `invalid_json`: damaged, or not what it begins like
 * - `field_too_large`: one field, cell or line is beyond the limit
 * - `sheet_not_found`: the workbook has no such sheet
 * - `too_many_pages`: the document to be written would be longer than the limit
 * - `broken_image`, `image_not_found`: a picture of the document to be written cannot be used
 */
export type DocumentErrorCode =
  | 'empty_file'
  | 'unsupported_document'
  | 'document_too_large'
  | 'encrypted_pdf'
  | 'wrong_password'
  | 'invalid_pdf'
  | 'invalid_csv'
  | 'invalid_xlsx'
  | 'invalid_json'
  | 'field_too_large'
  | 'sheet_not_found'
  | 'too_many_pages'
  | 'broken_image'
  | 'image_not_found';

/** Why a document cannot be written or read. The message is fit for the reader of a task's error. */
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
