import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/** Files of pdf-lib, and what they export: they draw SVG, and read the contents of pages. */
const DRAWN_AND_READ = {
  'svg\\.js': ['combineMatrix', 'transformationToMatrix', 'drawSvg'],
  'extraction/extractPageContents\\.js': ['extractPageContents'],
};

/**
 * Parts of libraries that no code of the Worker reaches, and that a bundler cannot see to be unused. Each throws when it is used
 * all the same, except that zod has its messages in English only.
 */
export const leftOut: Plugin = {
  name: 'left-out',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
    // pdf-lib has these for SVG, forms and other PDF standards, and the widths of fonts that are not embedded.
    onResolve({ filter: /^(node-html-better-parser|html-entities)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `const fail = () => { throw new Error('The bundle leaves out ${path}.'); };
        export { fail as parse, fail as encode }; export const NodeType = {};`,
    }));
    for (const [filter, names] of Object.entries(DRAWN_AND_READ))
      onLoad({ filter: new RegExp(`pdf-lib/es/api/${filter}$`) }, ({ path }) => ({
        contents: `const fail = () => { throw new Error('The bundle leaves out ${basename(path)} of pdf-lib.'); };
          export { ${names.map((name) => `fail as ${name}`).join(', ')} };`,
      }));
    // pdf-lib makes its converter of colour names when it loads.
    onResolve({ filter: /^culori$/ }, () => ({ path: 'culori', namespace: 'colours' }));
    onLoad({ filter: /.*/, namespace: 'colours' }, () => ({
      contents: `export const converter = () => () => { throw new Error('The bundle leaves out culori.'); };`,
    }));
    onLoad({ filter: /standard-fonts\/[A-Z][\w-]+\.compressed\.json$/ }, () => ({ contents: '""', loader: 'json' }));
  },
};
