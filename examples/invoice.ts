// An invoice as the model of a document: addresses side by side, items, totals. docs/guides/documents.md explains the model;
// test/examples/documents.test.ts writes it.
import type { z } from 'zod';
import type { DocumentModel } from '../src/documents/index.ts';

export interface InvoiceItem {
  description: string;
  quantity: number;
  /** In cents. */
  unitPrice: number;
}

export interface Invoice {
  number: string;
  date: string;
  due: string;
  /** Name and address, one line per entry. */
  from: string[];
  to: string[];
  items: InvoiceItem[];
  taxPercent: number;
}

export function invoiceDocument(invoice: Invoice): z.input<ReturnType<typeof DocumentModel>> {
  const { number, date, due, from, to, items, taxPercent } = invoice;
  const net = items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  const tax = Math.round((net * taxPercent) / 100);
  const [sender = ''] = from;
  return {
    title: `Invoice ${number}`,
    author: sender,
    language: 'en',
    footer: { text: `${sender} · Invoice ${number}` },
    blocks: [
      { type: 'title', text: 'Invoice' },
      {
        type: 'table',
        style: 'plain',
        columns: [{ width: 4 }, { width: 4 }, { width: 1.4 }, { width: 2.2, align: 'right' }],
        rows: [
          [bold('From'), bold('To'), '', ''],
          [from.join('\n'), to.join('\n'), bold('Number\nDate\nDue'), [number, date, due].join('\n')],
        ],
      },
      { type: 'spacer', height: 12 },
      {
        type: 'table',
        columns: [
          { header: 'Description', width: 6 },
          { header: 'Quantity', width: 1.6, align: 'right' },
          { header: 'Price', width: 2, align: 'right' },
          { header: 'Amount', width: 2.2, align: 'right' },
        ],
        rows: items.map(({ description, quantity, unitPrice }) => [
          description,
          quantity,
          euros(unitPrice),
          euros(quantity * unitPrice),
        ]),
      },
      {
        type: 'table',
        style: 'plain',
        columns: [
          { width: 9.6, align: 'right' },
          { width: 2.2, align: 'right' },
        ],
        rows: [
          ['Net', euros(net)],
          [`VAT ${taxPercent} %`, euros(tax)],
          [bold('Total'), bold(euros(net + tax))],
        ],
      },
      { type: 'spacer', height: 12 },
      { type: 'paragraph', text: `Please pay ${euros(net + tax)} by ${due}, naming the invoice ${number}. Thank you.` },
      { type: 'paragraph', text: 'IBAN DE02 1203 0000 0000 2020 51 · BIC BYLADEM1001', muted: true, size: 8.5 },
    ],
  };
}

export const sampleInvoice: Invoice = {
  number: '2026-0117',
  date: '2026-11-24',
  due: '2026-12-08',
  from: ['Analytische Maschinen GmbH', 'Käthe-Paulus-Straße 7', '10115 Berlin'],
  to: ['Lovelace & Söhne', '12 St James’s Square', 'London SW1Y 4JH'],
  items: [
    { description: 'Difference engine, serviced and oiled', quantity: 1, unitPrice: 248_000 },
    { description: 'Punched cards, 80 columns, box of 2,000', quantity: 12, unitPrice: 1_890 },
    {
      description: 'Training: “Notes on the Engine”, two days on site for up to eight people, with material in print',
      quantity: 2,
      unitPrice: 96_500,
    },
    { description: 'Travel', quantity: 1, unitPrice: 21_340 },
  ],
  taxPercent: 19,
};

/** 123456 → €1,234.56 */
function euros(cents: number): string {
  return `€${(cents / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function bold(text: string) {
  return { text, bold: true };
}
