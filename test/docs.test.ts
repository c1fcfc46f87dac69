// Keeps the pages true: every error code, setting, route, column and link. What a fenced `ts` example says is checked by
// scripts/check-examples.ts.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import configSource from '../src/config.ts?raw';
import { STATES } from '../src/engine/index.ts';
import { TRANSITIONS } from '../src/engine/manage.ts';
import { PROBLEMS } from '../src/http/problem.ts';
import wranglerToml from '../wrangler.toml?raw';
import { operationsOf, readDocument } from './support/openapi.ts';

/** Path from the root of the repository → text. */
const pages = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>(
      ['../*.md', '../docs/**/*.md', '../bench/*.md', '../examples/**/*.md', './providers/*.md'],
      { query: '?raw', eager: true, import: 'default' },
    ),
  ).map(([path, text]) => [fromRoot(path), text]),
);

/** Every file that a page may link to. The names are enough: nothing here is loaded. */
const files = new Set(
  Object.keys(
    import.meta.glob([
      '../*',
      '../{bench,docs,examples,migrations,scripts,src,test,.ci}/**/*',
      '!../{bench,test/providers}/node_modules/**',
    ]),
  ).map(fromRoot),
);

function page(path: string): string {
  const text = pages[path];
  if (text === undefined) throw new Error(`there is no ${path}`);
  return text;
}

/** `## code` → what stands below it. */
function sectionsOf(text: string): Map<string, string> {
  const parts = text.split(/^#{1,6} +/m).slice(1);
  return new Map(parts.map((part) => [part.split('\n')[0]?.replaceAll('`', '').trim() ?? '', part]));
}

/** As GitHub makes them from headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm);
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
  return new Set([...headings].map(([, heading = '']) => slug(heading)));
}

/** The relative links of a page that lead nowhere. */
/** A path that import.meta.glob() gives, which begins at this folder. */
function fromRoot(path: string): string {
  return path.replace(/^\.\//, 'test/').replace('../', '');
}

function brokenLinks(path: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [target = '', anchor] = link.split('#');
    const to = target === '' ? path : join(path, target);
    const exists = files.has(to) || [...files].some((file) => file.startsWith(`${to}/`));
    const found = exists && (anchor === undefined || anchorsOf(pages[to] ?? '').has(anchor));
    return found ? [] : [`${path} links to ${link}`];
  });
}

function join(from: string, to: string): string {
  const steps = to.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const step of to.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}

/** `NAME: …` of the schema in config.ts. */
const settings = [...configSource.matchAll(/^ {2}([A-Z][A-Z_]+): (.+),$/gm)].map(([, name = '', schema = '']) => ({
  name,
  schema,
}));

describe('docs/errors.md', () => {
  it.each(Object.entries(PROBLEMS))('has a heading for %s and names its status', (code, { status }) => {
    const section = sectionsOf(page('docs/errors.md')).get(code);

    expect(section, `docs/errors.md needs a heading "## ${code}"`).toBeDefined();
    expect(section).toContain(String(status));
  });
});

describe('docs/configuration.md', () => {
  const rows = page('docs/configuration.md').split('\n');

  it('is compared with the settings there are', () => {
    expect(settings.length).toBeGreaterThan(8);
  });

  it.each(settings)('has a row for $name with its default', ({ name, schema }) => {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``));
    const fallback = schema.match(/\.default\((['"]?)(.*?)\1\)/)?.[2];

    expect(row, `docs/configuration.md needs a row for ${name}`).toBeDefined();
    if (fallback !== undefined) expect(row).toContain(`\`${fallback}\``);
  });

  it.each(settings)('$name is in wrangler.toml, or the Worker starts without it', ({ name, schema }) => {
    expect(/\.(default|optional)\(/.test(schema) || wranglerToml.includes(`${name} =`)).toBe(true);
  });

  it('names every var of wrangler.toml', () => {
    const vars = wranglerToml.match(/^\[vars\]\n([\s\S]*?)^\[/m)?.[1] ?? '';
    const names = [...vars.matchAll(/^([A-Z_]+) =/gm)].map(([, name = '']) => name);

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !settings.some((setting) => setting.name === name))).toEqual([]);
  });

  it('names every binding', () => {
    const bindings = [...wranglerToml.matchAll(/^(?:binding|name) = "([A-Z_]+)"/gm)].map(([, name = '']) => name);

    expect(bindings.length).toBeGreaterThan(8);
    expect(bindings.filter((name) => !page('docs/configuration.md').includes(`\`${name}\``))).toEqual([]);
  });
});

describe('docs/api.md', () => {
  it('lists every route with the scope it needs', async () => {
    const lines = page('docs/api.md').split('\n');
    const faults = operationsOf(await readDocument()).flatMap(({ name, scope = 'none' }) => {
      const row = lines.find((line) => line.startsWith(`| \`${name}\``));
      if (!row) return [`docs/api.md needs a row for ${name}`];
      return row.replaceAll('`', '').split('|')[2]?.trim() === scope ? [] : [`docs/api.md: ${name} needs ${scope}`];
    });

    expect(faults).toEqual([]);
  });

  it('lists no route that does not exist', async () => {
    const operations = new Set([...operationsOf(await readDocument()).map(({ name }) => name), 'GET /openapi.json']);
    const rows = [
      ...page('docs/api.md').matchAll(/^\| `((?:GET|POST|PUT|PATCH|DELETE) \S+)` +\| `?(?:tasks:|admin|none)/gm),
    ];

    expect(rows.length).toBeGreaterThanOrEqual(operations.size);
    expect(rows.map(([, name = '']) => name).filter((name) => !operations.has(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('has at most 130 lines', () => {
    expect(page('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(130);
  });

  it('has each of the two first commands in a block of its own', () => {
    for (const command of ['npm ci && npm run dev', 'npm ci && npm test'])
      expect(page('README.md')).toContain(`\n\`\`\`sh\n${command}\n\`\`\`\n`);
  });
});

describe('docs/README.md', () => {
  it('links every page below docs/, the decisions as a folder', () => {
    const index = page('docs/README.md');
    const linked = new Set(
      [...index.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, to = '']) => join('docs/README.md', to)),
    );
    const wanted = Object.keys(pages).filter((path) => /^docs\/(?!README\.md$|decisions\/)/.test(path));

    expect([...wanted, 'docs/decisions'].filter((path) => !linked.has(path))).toEqual([]);
  });
});

describe('docs/task-lifecycle.md', () => {
  it('draws exactly the transitions of state.ts', () => {
    const diagram = page('docs/task-lifecycle.md').match(/^```mermaid\n([\s\S]*?)^```/m)?.[1] ?? '';
    const drawn = [...diagram.matchAll(/^\s*(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} --> ${to}`);
    const legal = STATES.flatMap((from) => TRANSITIONS[from].map((to) => `${from} --> ${to}`));

    expect(drawn.sort()).toEqual(legal.sort());
  });
});

describe('docs/storage.md', () => {
  it('describes every table and every column', async () => {
    const { results: tables } = await env.DB.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name <> 'd1_migrations'",
    ).all<{ name: string }>();
    const sections = sectionsOf(page('docs/storage.md'));
    const faults: string[] = [];
    for (const { name } of tables) {
      const section = [...sections].find(([heading]) => heading.split(/[^\w]+/).includes(name))?.[1];
      if (!section) {
        faults.push(`docs/storage.md needs a heading for ${name}`);
        continue;
      }
      const { results: columns } = await env.DB.prepare(`SELECT name FROM pragma_table_info('${name}')`).all<{
        name: string;
      }>();
      for (const column of columns) {
        if (!section.includes(`\`${column.name}\``))
          faults.push(`docs/storage.md: ${name} has a column ${column.name}`);
      }
    }

    expect(tables.length).toBeGreaterThan(8);
    expect(faults).toEqual([]);
  });
});

describe('the pages', () => {
  it('that a reader looks for are there', () => {
    const wanted = [
      'README.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'docs/README.md',
      'docs/api.md',
      'docs/architecture.md',
      'docs/deploying.md',
      'docs/guarantees.md',
      'docs/operating.md',
    ];

    expect(wanted.filter((path) => !(path in pages))).toEqual([]);
  });

  it('link only to what is there', () => {
    expect(Object.entries(pages).flatMap(([path, text]) => brokenLinks(path, text))).toEqual([]);
  });

  it('would not with a link to nowhere', () => {
    const text =
      '[a](none.md) [b](architecture.md#nowhere) [c](../README.md) [d](https://example.com) `[e](no)` [f](#x)\n## X';

    expect(brokenLinks('docs/errors.md', text)).toEqual([
      'docs/errors.md links to none.md',
      'docs/errors.md links to architecture.md#nowhere',
      'docs/errors.md links to #x',
    ]);
  });
});
