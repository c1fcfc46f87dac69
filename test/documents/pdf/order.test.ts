import { describe, expect, it } from 'vitest';
import { orderOf } from '../../../src/documents/pdf/order.ts';
import { roundTrip } from './writing.ts';

/** A paragraph as it is drawn, from left to right. */
function drawn(text: string): string {
  const order = orderOf(text);
  return order
    ? order
        .visual(0, text.length)
        .map((place) => order.shown.charAt(place))
        .join('')
    : text;
}

describe('the order of a line', () => {
  it.each([
    ['abc 123', 'abc 123'],
    ['אבג', 'גבא'],
    ['אבג 123 דהו', 'והד 123 גבא'],
    ['ab אבג cd', 'ab גבא cd'],
    ['אב ab cd גד', 'דג ab cd בא'],
    ['אב (גד)', '\udd81דג\udd80 בא'],
    ['אב ⁅גד⁆', '⁅דג⁆ בא'],
    ['א\u05b0ב', 'ב\ude20א'],
    ['א😀ב', 'ב😀א'],
    ['\u200fabc!', '!abc\u200f'],
  ])('of %j is %j', (text, visual) => {
    expect(drawn(text)).toBe(visual);
  });

  it('is right to left when the first letter is', () => {
    expect(orderOf('12 אב')?.rightToLeft).toBe(true);
    expect(orderOf('ab אב')?.rightToLeft).toBe(false);
    expect(orderOf('ab')).toBeUndefined();
  });
});

describe('a text from right to left', () => {
  it.each([
    'السلام عليكم ورحمة الله وبركاته، العدد 1234 و English في السطر.',
    'שלום עולם! הטקסט עם מספר 42 כאן.',
    'טקסט (בסוגריים) [גם] «אלה»',
    'نص (بين قوسين) و «اقتباس».',
    'لا إله إلا الله',
    'می‌خواهم کتاب‌ها را بخوانم',
    'בְּרֵאשִׁית בָּרָא אֱלֹהִים',
    'مُدَرِّسٌ',
    'كِتَابُ اللَّهِ هُوَ الحَقُّ',
    'אֵת הַשָּׁמַיִם שֶׁלָּךְ הִיא',
  ])('is read back as it was written: %s', async (text) => {
    const { texts, undrawn } = await roundTrip({
      footer: { page_numbers: false },
      blocks: [{ type: 'paragraph', text }],
    });

    expect(undrawn).toEqual([]);
    expect(texts[0]?.normalize('NFC')).toBe(text.normalize('NFC').replaceAll('\u200c', ''));
  });
});
