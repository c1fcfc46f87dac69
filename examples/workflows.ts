// A workflow: count the words of many texts at the same time, add them up, and write one line about them.
// docs/guides/workflows.md explains it; test/examples/workflows.test.ts runs it.
import { z } from 'zod';
import { chain, chord, defineTask } from '../src/engine/index.ts';

export const countWords = defineTask({
  name: 'example.count_words',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.int() }),
  run: ({ text }) => ({ words: text.split(/\s+/).filter((word) => word !== '').length }),
});

export const addUp = defineTask({
  name: 'example.add_up',
  input: z.object({ results: z.array(z.object({ words: z.int() })) }),
  output: z.object({ words: z.int() }),
  run: ({ results }) => ({ words: results.reduce((sum, { words }) => sum + words, 0) }),
});

export const report = defineTask({
  name: 'example.report',
  input: z.object({ words: z.int(), title: z.string() }),
  output: z.object({ line: z.string() }),
  run: ({ words, title }) => ({ line: `${title}: ${words} words` }),
});

/** One task counts the words of each text. `add_up` runs once after all of them, and `report` after that. */
export function wordReport(title: string, texts: string[]) {
  const counted = chord(
    texts.map((text) => countWords.s({ text })),
    addUp.s(),
  );
  return chain(counted, report.s({ title }));
}
