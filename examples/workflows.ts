// A workflow of its own: count the words of many texts side by side, add them up, write a line about it.
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

/** Each text is counted by a task of its own; `add_up` runs once, after all of them; `report` after that. */
export function wordReport(title: string, texts: string[]) {
  const counted = chord(
    texts.map((text) => countWords.s({ text })),
    addUp.s(),
  );
  return chain(counted, report.s({ title }));
}
