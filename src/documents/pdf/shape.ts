// Gives each Arabic letter the form that its neighbours ask for, and each Hebrew letter the form with its dot. The forms are
// characters of their own in Unicode ("presentation forms"), and the font has glyphs for them; a letter without forms stays.
import { standIn } from './stand-in.ts';

const LAM = '\u0644';
const TATWEEL = '\u0640';
const JOINER = '\u200d';
/** By letter, or by lam with alef: isolated, final, initial, medial. A letter with two forms joins only the letter before it. */
const FORMS = readForms();
/** By letter with marks, decomposed. */
const WITH_MARKS = readCompositions(0xfb1d, 0xfb4e);

/** The same text with other characters, in the same places: what is drawn. */
export function shape(text: string): string {
  const shown = [...text.split('')];
  const places = lettersOf(text);
  for (const [order, at] of places.entries()) {
    const letter = text.charAt(at);
    const next = places[order + 1];
    const ligature = letter === LAM && next !== undefined ? FORMS.get(LAM + text.charAt(next)) : undefined;
    const before = joins(text, places[order - 1], 'after') && joins(text, at, 'before');
    if (ligature && next !== undefined) {
      shown[at] = ligature[before ? 1 : 0] ?? letter;
      shown[next] = standIn(text.charAt(next), 'contained');
      continue;
    }
    // The alef of a ligature is done already.
    if (shown[at] !== letter) continue;
    const after = joins(text, at, 'after') && joins(text, next, 'before');
    shown[at] = FORMS.get(letter)?.[after ? (before ? 3 : 2) : before ? 1 : 0] ?? letter;
  }
  for (const { index, 0: sequence } of text.matchAll(/[\u05d0-\u05ea]\p{M}+/gu)) composeHebrew(shown, index, sequence);
  return shown.join('');
}

/** Uses the form with the most marks, and leaves the other marks to be placed. */
function composeHebrew(shown: string[], at: number, sequence: string): void {
  for (let length = Math.min(3, sequence.length); length > 1; length--) {
    const form = WITH_MARKS.get(sequence.slice(0, length));
    if (!form) continue;
    shown[at] = form;
    for (let mark = 1; mark < length; mark++) shown[at + mark] = standIn(sequence.charAt(mark), 'contained');
    return;
  }
}

/** Where the characters are that decide how their neighbours join: all but marks and most formatting characters. */
function lettersOf(text: string): number[] {
  return [...text.matchAll(/[\u200c\u200d]|[^\p{M}\p{Cf}]/gu)].map(({ index }) => index);
}

function joins(text: string, at: number | undefined, side: 'before' | 'after'): boolean {
  const letter = at === undefined ? '' : text.charAt(at);
  if (letter === TATWEEL || letter === JOINER) return true;
  const forms = FORMS.get(letter)?.length ?? 0;
  return side === 'before' ? forms > 1 : forms > 2;
}

function readForms(): Map<string, string[]> {
  const forms = new Map<string, string[]>();
  for (let code = 0xfb50; code <= 0xfefc; code++) {
    if (code > 0xfbff && code < 0xfe80) continue;
    const form = String.fromCharCode(code);
    const letters = form.normalize('NFKC');
    // All but letters and lam with alef: ligatures that no text needs.
    if (!/^\p{Script=Arabic}$/u.test(letters) && !/^\u0644[\u0622\u0623\u0625\u0627]$/.test(letters)) continue;
    if (letters !== form) forms.set(letters, [...(forms.get(letters) ?? []), form]);
  }
  // In the order of the code points, the two halves of alef maksura are the wrong way round.
  const [initial = '', medial = '', isolated = '', final = ''] = forms.get('\u0649') ?? [];
  return forms.set('\u0649', [isolated, final, initial, medial]);
}

function readCompositions(first: number, last: number): Map<string, string> {
  const compositions = new Map<string, string>();
  for (let code = first; code <= last; code++) {
    const form = String.fromCharCode(code);
    const parts = form.normalize('NFD');
    if (parts.length > 1) compositions.set(parts, form);
  }
  return compositions;
}
