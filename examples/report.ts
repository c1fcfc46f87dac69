// A report over several pages: headings that become the outline, lists, a table whose header is repeated on each page.
// docs/guides/documents.md explains the model; test/examples/documents.test.ts writes it.
import type { z } from 'zod';
import type { DocumentModel } from '../src/documents/index.ts';

export interface Station {
  name: string;
  country: string;
  /** Metres above the sea. */
  altitude: number;
  /** The mean of a year, in degrees Celsius. */
  temperature: number;
  note: string;
}

export function reportDocument(year: number, stations: Station[]): z.input<ReturnType<typeof DocumentModel>> {
  const mean = stations.reduce((sum, { temperature }) => sum + temperature, 0) / stations.length;
  const warmest = stations.reduce((a, b) => (b.temperature > a.temperature ? b : a));
  return {
    title: `Weather stations ${year}`,
    author: 'Station service',
    subject: 'Yearly report',
    language: 'en',
    footer: { text: `Weather stations ${year}` },
    blocks: [
      { type: 'title', text: `Weather stations ${year}` },
      { type: 'paragraph', text: `Yearly report on ${stations.length} stations`, muted: true, size: 12 },
      { type: 'spacer', height: 6 },
      { type: 'heading', level: 1, text: 'Summary' },
      {
        type: 'paragraph',
        text:
          `Over all stations the year’s mean was ${degrees(mean)}. The warmest was ${warmest.name} with ` +
          `${degrees(warmest.temperature)}. Stations above 1,500 m are read by hand in winter; where a reading is missing, ` +
          'the mean of its neighbours stands in, and the note says so.',
      },
      { type: 'heading', level: 2, text: 'What is measured' },
      {
        type: 'list',
        items: [
          'Air temperature in °C, two metres above the ground, every ten minutes.',
          'Altitude in metres above sea level, by the survey of the country. Where surveys disagree at a border, the mean of both is taken and rounded to a metre.',
          'Names in the script of the country: Αθήνα, Київ, Łódź, Malmö.',
        ],
      },
      { type: 'heading', level: 2, text: 'How it is checked' },
      {
        type: 'list',
        ordered: true,
        items: [
          'Readings outside −90 … +60 °C are refused by the station itself.',
          'A reading that differs from all neighbours by more than 10 K is looked at by a person.',
          'The year is closed when every station has been confirmed ✓.',
        ],
      },
      { type: 'heading', level: 1, text: 'All stations' },
      {
        type: 'table',
        columns: [
          { header: 'Station' },
          { header: 'Country' },
          { header: 'Altitude, m', align: 'right' },
          { header: 'Mean, °C', align: 'right' },
          { header: 'Note' },
        ],
        rows: stations.map(({ name, country, altitude, temperature, note }) => [
          name,
          country,
          altitude.toLocaleString('en'),
          temperature.toFixed(1).replace('-', '−'),
          note,
        ]),
      },
      { type: 'heading', level: 1, text: 'Terms' },
      { type: 'paragraph', text: 'The data may be used freely if the station service is named as their source.' },
    ],
  };
}

/** Invented stations, the same at every call. */
export function sampleStations(count: number): Station[] {
  const places = [
    ['Αθήνα', 'Greece'],
    ['Київ', 'Ukraine'],
    ['Łódź', 'Poland'],
    ['Malmö', 'Sweden'],
    ['Zürich', 'Switzerland'],
    ['Reykjavík', 'Iceland'],
    ['Évora', 'Portugal'],
  ] as const;
  return Array.from({ length: count }, (_, index) => {
    const [city, country] = places[index % places.length] ?? places[0];
    const altitude = (index * 397) % 2_900;
    return {
      name: `${city} ${1 + Math.floor(index / places.length)}`,
      country,
      altitude,
      temperature: 19 - altitude / 150 - (index % 5),
      note: altitude > 1_500 ? 'Read by hand from December to March; two readings taken from neighbours.' : '',
    };
  });
}

function degrees(value: number): string {
  return `${value.toFixed(1).replace('-', '−')} °C`;
}
