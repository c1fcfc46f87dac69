// Reads what a PDF has beside the text of its pages: form fields, annotations and links.
import { MAX_PDF_ANNOTATIONS } from '../limits.ts';
import { type Pdf, pageOf } from './facts.ts';
import type { Losses } from './losses.ts';

/** The numbers that PDF.js gives to the subtypes of annotations. */
const ALL_TYPES = new Set(Array.from({ length: 26 }, (_, index) => index + 1));

export interface FormField {
  /** The full name, such as `address.city`. */
  name: string;
  type: 'text' | 'checkbox' | 'radio' | 'choice' | 'button' | 'signature';
  /** The text, the chosen option or options, or the value of the ticked box; null when the field is empty or not ticked. */
  value: string | string[] | null;
  /** For `checkbox` and `radio`: whether a box is ticked; otherwise null. */
  checked: boolean | null;
  /** What a form shows as the name, if it has one. */
  label: string | null;
  /** From 1; null when the field is on no page. */
  page: number | null;
}

export interface Annotation {
  page: number;
  /** The subtype of ISO 32000-1, 12.5.6: `Text`, `FreeText`, `Highlight` and others. */
  type: string;
  text: string;
  author: string | null;
}

export interface Link {
  page: number;
  /** Null when the link leads to a page of the PDF. */
  url: string | null;
  /** From 1; null when the link leads elsewhere. */
  to_page: number | null;
}

export interface AttachedFile {
  filename: string;
  content: Uint8Array;
}

export interface Interactive {
  fields: FormField[];
  annotations: Annotation[];
  links: Link[];
  /** Files that hang on a place of a page. */
  files: AttachedFile[];
}

interface Widget {
  fieldName: string;
  fieldType: string | null;
  fieldValue: unknown;
  exportValue?: unknown;
  buttonValue?: unknown;
  checkBox?: boolean;
  radioButton?: boolean;
  pushButton?: boolean;
  alternativeText?: string;
}

/** An annotation of PDF.js, as far as it is used here. */
interface Data extends Partial<Widget> {
  pageIndex: number;
  subtype: string;
  contentsObj?: { str: string };
  titleObj?: { str: string };
  url?: string;
  unsafeUrl?: string;
  dest?: string | unknown[] | null;
  file?: { filename: string; content: Uint8Array | null };
}

export async function interactiveOf(pdf: Pdf, losses: Losses, signal?: AbortSignal): Promise<Interactive> {
  const found: Interactive = { fields: [], annotations: [], links: [], files: [] };
  const fields = new Map<string, FormField>();
  const all = await annotationsOf(pdf, signal);
  if (all.length > MAX_PDF_ANNOTATIONS)
    losses.add(`The PDF has ${all.length} annotations; only the first ${MAX_PDF_ANNOTATIONS} were read.`);
  for (const data of all.slice(0, MAX_PDF_ANNOTATIONS)) {
    const page = data.pageIndex + 1;
    const text = data.contentsObj?.str ?? '';
    if (data.subtype === 'Widget') addField(fields, data, page);
    else if (data.subtype === 'Link') {
      const url = data.unsafeUrl ?? data.url ?? null;
      const toPage = url === null && data.dest ? await pageOf(pdf, data.dest) : null;
      if (url !== null || toPage !== null) found.links.push({ page, url, to_page: toPage });
    } else if (text !== '' && data.subtype !== 'Popup')
      found.annotations.push({ page, type: data.subtype, text, author: data.titleObj?.str || null });
    if (data.file?.content) found.files.push({ filename: data.file.filename, content: data.file.content });
  }
  await addFieldsWithoutPage(pdf, fields);
  const { info } = await pdf.getMetadata();
  if (fields.size === 0 && (info as { IsXFAPresent?: boolean }).IsXFAPresent)
    losses.add('The form is written in XFA only, so its fields were not read.');
  found.fields = [...fields.values()];
  return found;
}

/**
 * All annotations. With the intent `print`, PDF.js keeps them without reading the text that they draw: that text has no limit,
 * and a field's value and an annotation's text are known without it.
 */
async function annotationsOf(pdf: Pdf, signal: AbortSignal | undefined): Promise<Data[]> {
  const known = new Set<number>();
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number).catch(() => undefined);
    const read = await page?.getAnnotations({ intent: 'print' }).catch(() => undefined);
    if (read) known.add(number - 1);
    if (number % 20 === 0) await scheduler.wait(0);
    signal?.throwIfAborted();
  }
  const others = new Set(
    Array.from({ length: pdf.numPages }, (_, index) => index).filter((index) => !known.has(index)),
  );
  return ((await pdf.getAnnotationsByType(ALL_TYPES, others)) ?? []) as Data[];
}

function addField(fields: Map<string, FormField>, data: Data, page: number): void {
  const name = data.fieldName ?? '';
  const before = fields.get(name);
  const { value, checked } = fieldValueOf(data);
  if (before) {
    // The boxes of a radio field and the copies of a field have one name.
    if (checked) Object.assign(before, { value, checked });
    before.value ??= value;
    return;
  }
  fields.set(name, { name, type: typeOf(data), value, checked, label: data.alternativeText || null, page });
}

function typeOf({ fieldType, checkBox, radioButton, pushButton }: Data): FormField['type'] {
  if (fieldType === 'Btn') return radioButton ? 'radio' : pushButton || !checkBox ? 'button' : 'checkbox';
  return fieldType === 'Ch' ? 'choice' : fieldType === 'Sig' ? 'signature' : 'text';
}

function fieldValueOf({ fieldValue, exportValue, buttonValue, checkBox, radioButton }: Data) {
  if (checkBox || radioButton) {
    const own = checkBox ? exportValue : buttonValue;
    const checked = typeof fieldValue === 'string' && fieldValue !== 'Off' && fieldValue === own;
    return { value: checked ? (fieldValue as string) : null, checked };
  }
  const texts = Array.isArray(fieldValue) ? fieldValue.map(String) : fieldValue;
  const value = Array.isArray(texts) && texts.length === 1 ? texts[0] : texts;
  return { value: isValue(value) ? value : null, checked: null };
}

const isValue = (value: unknown): value is string | string[] =>
  (typeof value === 'string' || Array.isArray(value)) && value.length > 0;

/** Adds the fields of the form that no page shows. */
async function addFieldsWithoutPage(pdf: Pdf, fields: Map<string, FormField>): Promise<void> {
  const types = {
    text: 'text',
    checkbox: 'checkbox',
    radiobutton: 'radio',
    combobox: 'choice',
    listbox: 'choice',
  } as const;
  for (const [name, entries] of Object.entries((await pdf.getFieldObjects()) ?? {})) {
    const entry = (entries as { type: string; value?: unknown }[]).find(({ type }) => type in types);
    if (fields.has(name) || !entry) continue;
    const type = types[entry.type as keyof typeof types];
    const off = (type === 'checkbox' || type === 'radio') && entry.value === 'Off';
    const value = isValue(entry.value) && !off ? entry.value : null;
    const checked = type === 'checkbox' || type === 'radio' ? value !== null : null;
    fields.set(name, { name, type, value, checked, label: null, page: null });
  }
}
