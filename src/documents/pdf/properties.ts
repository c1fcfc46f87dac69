// The properties of a PDF: title, author and others, for PDF readers and search engines, twice: in the list of PDF 1 and as XMP. It
// must contain no date, so that equal documents have equal bytes.
import { type PDFDocument, PDFName } from '@cantoo/pdf-lib';
import type { DocumentModel } from '../model.ts';
import { clean } from './clean.ts';

const PRODUCER = 'Errand';

export function describe(doc: PDFDocument, model: DocumentModel): void {
  const { author, subject, language, keywords } = model;
  const title = titleOf(model);
  if (title !== undefined) doc.setTitle(title, { showInWindowTitleBar: true });
  if (author !== undefined) doc.setAuthor(author);
  if (subject !== undefined) doc.setSubject(subject);
  if (keywords.length > 0) doc.setKeywords([keywords.join(', ')]);
  if (language !== undefined) doc.setLanguage(language);
  doc.setProducer(PRODUCER);
  const xmp = new TextEncoder().encode(xmpOf(model, title));
  const stream = doc.context.stream(xmp, { Type: 'Metadata', Subtype: 'XML' });
  doc.catalog.set(PDFName.of('Metadata'), doc.context.register(stream));
}

/** The title of the model or, without one, the first title or heading. */
function titleOf({ title, blocks }: DocumentModel): string | undefined {
  if (title !== undefined) return title;
  const first = blocks.find((block) => block.type === 'title' || block.type === 'heading');
  return first && 'text' in first ? clean(first.text).replaceAll('\n', ' ') : undefined;
}

function xmpOf({ author, subject, language, keywords }: DocumentModel, title: string | undefined): string {
  const one = (name: string, kind: 'Alt' | 'Bag' | 'Seq', values: (string | undefined)[]) => {
    const given = values.flatMap((value) => (value === undefined ? [] : [escaped(value)]));
    if (given.length === 0) return '';
    const open = kind === 'Alt' ? '<rdf:li xml:lang="x-default">' : '<rdf:li>';
    return `<${name}><rdf:${kind}>${given.map((value) => `${open}${value}</rdf:li>`).join('')}</rdf:${kind}></${name}>`;
  };
  const words = keywords.length > 0 ? `<pdf:Keywords>${escaped(keywords.join(', '))}</pdf:Keywords>` : '';
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>${one('dc:title', 'Alt', [title])}${one('dc:creator', 'Seq', [author])}${one('dc:description', 'Alt', [subject])}${one('dc:subject', 'Bag', keywords)}${one('dc:language', 'Bag', [language])}
<pdf:Producer>${PRODUCER}</pdf:Producer>${words}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
}

/** Without the characters that XML 1.0 does not have. */
function escaped(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
