// Tells from the number format of a cell whether its number is a date, a time of day or a duration.

export type NumberKind = 'number' | 'date' | 'time' | 'duration';

/** The formats that a workbook does not write out (ECMA-376, 18.8.30), with those of East Asian and Thai editions. */
const BUILT_IN: [NumberKind, number[]][] = [
  [
    'date',
    [14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58, 71, 72, 73, 74, 77, 81],
  ],
  ['time', [18, 19, 20, 21, 32, 33, 45, 47, 75, 76, 78, 80]],
  ['duration', [46, 79]],
];

/** `code`: the format as the workbook writes it, if it does. A date may have a time as well. */
export function kindOfFormat(id: number, code: string | undefined): NumberKind {
  if (code === undefined) return BUILT_IN.find(([, ids]) => ids.includes(id))?.[0] ?? 'number';
  const [section = ''] = withoutTexts(code).split(';');
  if (/\[(?:h+|m+|s+)\]/i.test(section)) return 'duration';
  const letters = section
    .replace(/\[[^\]]*\]/g, '')
    .replace(/General|Standard|E[+-]/gi, '')
    .replace(/AM\/PM|A\/P/gi, 'h')
    .toLowerCase();
  // An m beside hours or seconds is minutes: `h:mm`, `mm:ss`.
  const rest = letters.replace(/(h[^a-z]*)m+/g, '$1').replace(/m+([^a-z]*s)/g, '$1');
  if (/[ydmgb]/.test(rest) || /^[^0#?]*e/.test(rest)) return 'date';
  return /[hs]/.test(rest) ? 'time' : 'number';
}

/** Removes quoted texts, escaped characters, and characters that only take room. */
function withoutTexts(code: string): string {
  return code.replace(/"[^"]*"?|\\.|[_*]./g, '');
}
