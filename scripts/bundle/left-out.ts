import type { Plugin } from 'esbuild';

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
    onLoad({ filter: /standard-fonts\/[A-Z][\w-]+\.compressed\.json$/ }, () => ({ contents: '""', loader: 'json' }));
  },
};
