// The fenced blocks of a page, in their order.

export interface PageBlock {
  /** The word after the fence: `ts`, `sh`, `json` … */
  language: string;
  code: string;
  /** The line of the page on which the code begins, from 1. */
  line: number;
  /** The file that the first line of the code names: `// src/a.ts`, `-- migrations/a.sql`, `--- src/a.ts`. */
  path: string | undefined;
}

export function blocksOf(text: string): PageBlock[] {
  return [...text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: code = '' }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length + 1,
    path: /^(?:\/\/|---?) ([\w./-]+\.\w+)\n/.exec(code)?.[1],
  }));
}
