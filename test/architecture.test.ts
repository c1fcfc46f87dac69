// The house rules that a machine can hold: which imports each room may have, where SQL, the clock and the console are, how
// large files are. The table is docs/architecture.md's; a rule and its exceptions stand here as data.
import { describe, expect, it } from 'vitest';
import { WITHOUT_TEST } from './support/without-test.ts';

/** Path below src/, e.g. `engine/definition.ts` → source text. */
type Sources = Record<string, string>;

const sources: Sources = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>('../src/**/*.{ts,tsx}', { query: '?raw', eager: true, import: 'default' }),
  ).map(([path, text]) => [path.replace('../src/', ''), text]),
);

/** Rooms: the folders of src/, and the files beside them. */
const ROOMS = [
  'engine',
  'access',
  'mail',
  'files',
  'images',
  'documents',
  'users',
  'tasks',
  'live',
  'http',
  'dashboard',
  'config.ts',
  'lazy.ts',
  'index.ts',
];

/** It imports nothing, so every room may import it, except the dashboard, which imports no code. */
const FOR_ALL = 'lazy.ts';

/** What each room may import of others: a door of the room, one file of it, or only types of it. */
const MAY_IMPORT: Record<string, { file: string; typesOnly?: true }[]> = {
  engine: [],
  access: [],
  mail: [],
  files: [],
  images: [],
  documents: [],
  users: [],
  tasks: [
    { file: 'access/index.ts' },
    { file: 'engine/index.ts' },
    { file: 'mail/index.ts' },
    { file: 'files/index.ts' },
    { file: 'images/index.ts' },
    { file: 'documents/index.ts' },
    { file: 'users/index.ts' },
  ],
  live: [{ file: 'engine/manage.ts' }],
  http: [
    { file: 'access/index.ts' },
    { file: 'engine/manage.ts' },
    // A route builds a workflow as an author does.
    { file: 'engine/index.ts' },
    { file: 'files/index.ts' },
    { file: 'tasks/index.ts' },
    { file: 'users/index.ts' },
    { file: 'live/limiter.ts', typesOnly: true },
    // The mailbox is read over HTTP, and an upload is sniffed before it is kept.
    { file: 'mail/index.ts' },
    { file: 'images/index.ts' },
    { file: 'documents/index.ts' },
  ],
  dashboard: [{ file: 'http/app.ts', typesOnly: true }],
  'config.ts': [
    // What the engine alone can check of a setting: the table of routes.
    { file: 'engine/manage.ts' },
    { file: 'live/feed.ts', typesOnly: true },
    { file: 'live/limiter.ts', typesOnly: true },
  ],
  'index.ts': [
    { file: 'config.ts' },
    { file: 'engine/manage.ts' },
    { file: 'mail/index.ts' },
    { file: 'files/index.ts' },
    { file: 'files/payloads.ts' },
    { file: 'images/index.ts' },
    { file: 'documents/index.ts' },
    { file: 'users/index.ts' },
    { file: 'tasks/index.ts' },
    { file: 'http/app.ts' },
    { file: 'live/index.ts' },
  ],
};

/** Who may import hono and what is built on it. */
const HONO = /^(hono|@hono)(\/|$)/;
const MAY_IMPORT_HONO = ['http', 'dashboard', 'index.ts'];

const MAY_HOLD_SQL = [/^engine\/store\//, /^\w+\/store\.ts$/];
const MAY_READ_CLOCK = ['engine/clock.ts', 'dashboard/clock.ts'];
/** PDF.js reports on the console what it cannot read; losses.ts takes it from there. */
const MAY_USE_CONSOLE = ['engine/logger.ts', 'documents/pdf/losses.ts'];
const FORBIDDEN_FOLDERS = ['utils', 'lib', 'common', 'helpers', 'types', 'services'];
const MAX_LINES = 400;
const MAX_INDEX_LINES = 60;

/** Globals of the Worker, of its types and of the browser, that no declaration may hide. */
const GLOBALS = [
  ...['Request', 'Response', 'Headers', 'Body', 'URL', 'Message', 'MessageBatch', 'Queue', 'Event', 'File', 'Blob'],
  ...[
    'Cache',
    'Socket',
    'Fetcher',
    'Performance',
    'Crypto',
    'Text',
    'Node',
    'Element',
    'Document',
    'Selection',
    'Range',
  ],
  ...['History', 'Location', 'Storage', 'Notification', 'Comment', 'Image', 'Option', 'Map', 'Set', 'Date', 'Error'],
  ...['Number', 'String', 'Symbol', 'Object', 'Function', 'Array', 'Promise', 'Proxy', 'Stream', 'Lock', 'process'],
];

interface Import {
  from: string;
  /** A path below src/, or the name of a package. */
  to: string;
  typesOnly: boolean;
}

function importsOf(files: Sources): Import[] {
  return Object.entries(files).flatMap(([from, text]) => {
    const statements = [
      ...withoutComments(text).matchAll(
        /^\s*(?:import|export)\b(\s+type\b)?((?:(?!^\s*(?:import|export)\b)[^;'"])*?)\bfrom\s*['"]([^'"]+)['"]/gm,
      ),
    ].map(([, type, names = '', to = '']) => ({ to, typesOnly: type !== undefined || allTypes(names) }));
    const others = [...withoutComments(text).matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, to = '']) => ({
      to,
      typesOnly: false,
    }));
    return [...statements, ...others].map(({ to, typesOnly }) => ({ from, to: resolve(from, to), typesOnly }));
  });
}

/** `{ type A, type B }` */
function allTypes(names: string): boolean {
  const inner = names.match(/^\s*\{([^}]*)\}\s*$/)?.[1];
  const listed = (inner ?? '').split(',').flatMap((name) => name.trim() || []);
  return listed.length > 0 && listed.every((name) => name.startsWith('type '));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function resolve(from: string, to: string): string {
  if (!to.startsWith('.')) return to;
  const steps = from.split('/').slice(0, -1);
  for (const step of to.replace(/\?.*$/, '').split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return steps.join('/');
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function forbiddenImports(files: Sources): string[] {
  return importsOf(files).flatMap(({ from, to, typesOnly }) => {
    const [room, target] = [roomOf(from), roomOf(to)];
    const offence = `${from} imports ${typesOnly ? 'types of ' : ''}${to}`;
    if (HONO.test(to)) return MAY_IMPORT_HONO.includes(room) ? [] : [offence];
    if (!ROOMS.includes(target) || (room === target && room.indexOf('.') < 0)) return [];
    if (to === FOR_ALL) return room === 'dashboard' ? [offence] : [];
    const allowed = MAY_IMPORT[room]?.find(({ file }) => file === to);
    return allowed && (typesOnly || !allowed.typesOnly) ? [] : [offence];
  });
}

/** Import cycles among files, types counted: a type that ties files into a circle belongs into a leaf. */
function cycles(files: Sources): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to } of importsOf(files)) {
    if (to in files) edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const ring = path.slice(at);
      const first = ring.indexOf([...ring].sort()[0] ?? '');
      found.add([...ring.slice(first), ...ring.slice(0, first), ring[first]].join(' → '));
    }
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return [...found];
}

function misplacedSql(files: Sources): string[] {
  const sql = /['"`]\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE)\s+[\s\S]{0,40}?(?=[\s'"`])/;
  return Object.entries(files).flatMap(([path, text]) => {
    if (MAY_HOLD_SQL.some((place) => place.test(path))) return [];
    const statement = withoutComments(text).match(sql)?.[0];
    return statement ? [`${path} holds SQL: ${statement.trim().slice(0, 40)}`] : [];
  });
}

function uses(files: Sources, what: RegExp, allowed: string[]): string[] {
  return Object.entries(files).flatMap(([path, text]) =>
    what.test(withoutComments(text)) && !allowed.includes(path) ? [path] : [],
  );
}

/** Files that should have a test and have none, and entries of WITHOUT_TEST that are not needed. */
function withoutTest(paths: string[], tests: ReadonlySet<string>): string[] {
  const missing = paths.filter(
    (path) =>
      !path.startsWith('dashboard/') && !path.endsWith('.d.ts') && !tests.has(path.replace(/\.tsx?$/, '.test.ts')),
  );
  const unneeded = Object.keys(WITHOUT_TEST).filter((path) => !missing.includes(path));
  return [...missing.filter((path) => WITHOUT_TEST[path] === undefined), ...unneeded.map((path) => `${path}: listed`)];
}

function hiddenGlobals(files: Sources): string[] {
  const names = GLOBALS.join('|');
  const declared = new RegExp(
    `^(?:export )?(?:default )?(?:abstract )?(?:const|let|type|interface|class|function|enum) (${names})\\b`,
    'gm',
  );
  return Object.entries(files).flatMap(([path, text]) =>
    [...text.matchAll(declared)].map(([, name]) => `${path} hides ${name}`),
  );
}

function tooLong(files: Sources): string[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length;
    const limit = path === 'index.ts' ? MAX_INDEX_LINES : MAX_LINES;
    return lines > limit ? [`${path} has ${lines} lines; at most ${limit}`] : [];
  });
}

function forbiddenFolders(files: Sources): string[] {
  const folders = new Set(Object.keys(files).flatMap((path) => path.split('/').slice(0, -1)));
  return FORBIDDEN_FOLDERS.filter((folder) => folders.has(folder));
}

function unknownRooms(files: Sources): string[] {
  return [...new Set(Object.keys(files).map(roomOf))].filter((room) => !ROOMS.includes(room));
}

const readsClock = (files: Sources) => uses(files, /\bDate\.now\b|\bnew Date\(\)/, MAY_READ_CLOCK);
const usesConsole = (files: Sources) => uses(files, /\bconsole\s*[.[]/, MAY_USE_CONSOLE);

describe('the source', () => {
  it('is read here', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(50);
    expect(importsOf(sources).length).toBeGreaterThan(200);
  });

  it('imports only what the table allows', () => {
    expect(forbiddenImports(sources)).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(cycles(sources)).toEqual([]);
  });

  it('has its SQL in stores', () => {
    expect(misplacedSql(sources)).toEqual([]);
  });

  it('reads the time from the engine’s clock', () => {
    expect(readsClock(sources)).toEqual([]);
  });

  it('logs through the engine’s logger', () => {
    expect(usesConsole(sources)).toEqual([]);
  });

  it('is in short files', () => {
    expect(tooLong(sources)).toEqual([]);
  });

  it('has no folder for things without a place, and no room that the table does not know', () => {
    expect(forbiddenFolders(sources)).toEqual([]);
    expect(unknownRooms(sources)).toEqual([]);
  });
});

describe('a stranger', () => {
  it('finds the test of a file by its name, or the reason why it has none', () => {
    const tests = new Set(Object.keys(import.meta.glob('./**/*.test.ts')).map((path) => path.replace('./', '')));
    expect(withoutTest(Object.keys(sources), tests)).toEqual([]);
  });

  it('meets no name that hides a global', () => {
    expect(hiddenGlobals(sources)).toEqual([]);
  });
});

describe('the checkers find', () => {
  it('a file without a test, and a listed one that has one', () => {
    const [listed = ''] = Object.keys(WITHOUT_TEST);
    const all = Object.keys(WITHOUT_TEST);
    expect(withoutTest([...all, 'http/new.ts'], new Set())).toEqual(['http/new.ts']);
    expect(withoutTest(all, new Set([listed.replace('.ts', '.test.ts')]))).toEqual([`${listed}: listed`]);
  });

  it('a declaration that hides a global', () => {
    expect(hiddenGlobals({ 'a.ts': 'export interface Message {}\nconst Requests = 1;' })).toEqual([
      'a.ts hides Message',
    ]);
  });

  it.each([
    ['engine/definition.ts', "import { send } from '../mail/index.ts';"],
    ['engine/definition.ts', "import type { Mail } from '../mail/index.ts';"],
    ['mail/resend.ts', "import { enqueue } from '../engine/manage.ts';"],
    ['tasks/a.ts', "import { work } from '../engine/work.ts';"],
    ['tasks/a.ts', "import { findTask } from '../engine/manage.ts';"],
    ['tasks/a.ts', "import { createApp } from '../http/app.ts';"],
    ['tasks/deep/a.ts', "import {\n  a,\n  b,\n} from '../../engine/work.ts';"],
    ['http/app.ts', "export { work } from '../engine/work.ts';"],
    ['http/app.ts', "import { Limiter } from '../live/limiter.ts';"],
    ['http/app.ts', "import { type Grant, Limiter } from '../live/limiter.ts';"],
    ['http/app.ts', "const work = await import('../engine/work.ts');"],
    ['http/app.ts', "import '../engine/work.ts';"],
    ['http/app.ts', "import { config } from '../config.ts';"],
    ['tasks/a.ts', "import worker from '../index.ts';"],
    ['engine/a.ts', "import { Hono } from 'hono';"],
    ['live/a.ts', "import { z } from '@hono/zod-openapi';"],
    ['dashboard/a.tsx', "import { tasks } from '../http/routes/tasks.ts';"],
    ['dashboard/a.tsx', "import { lazy } from '../lazy.ts';"],
    ['lazy.ts', "import { system } from './engine/manage.ts';"],
  ])('an import that %s may not have: %s', (path, text) => {
    expect(forbiddenImports({ [path]: text })).toHaveLength(1);
  });

  it.each([
    ['http/app.ts', "import type { Grant } from '../live/limiter.ts';"],
    ['http/app.ts', "import { type Grant } from '../live/limiter.ts';"],
    ['http/app.ts', "// import { work } from '../engine/work.ts';"],
    ['http/app.ts', "import { Hono } from 'hono';\nimport { enqueue } from '../engine/manage.ts';"],
    ['engine/a.ts', "import { b } from './store/b.ts';\nimport { z } from 'zod';"],
    ['mail/templates/a.ts', "import { lazy } from '../../lazy.ts';"],
  ])('no fault in %s: %s', (path, text) => {
    expect(forbiddenImports({ [path]: text })).toEqual([]);
  });

  it('a cycle, once, also of types', () => {
    const a = "import { b } from './b.ts';";
    const b = "import { c } from './c.ts';";
    const c = (type: string) => `import ${type} { a } from './a.ts';`;

    const circle = ['x/a.ts → x/b.ts → x/c.ts → x/a.ts'];
    expect(cycles({ 'x/a.ts': a, 'x/b.ts': b, 'x/c.ts': c('') })).toEqual(circle);
    expect(cycles({ 'x/a.ts': a, 'x/b.ts': b, 'x/c.ts': c('type') })).toEqual(circle);
    expect(cycles({ 'x/a.ts': a, 'x/b.ts': b, 'x/c.ts': '' })).toEqual([]);
  });

  it.each(["db.prepare('SELECT 1 FROM tasks')", 'const q = `\n  INSERT INTO tasks`;', 'prepare("DELETE FROM x")'])(
    'SQL that has no business where it is: %s',
    (text) => {
      expect(misplacedSql({ 'http/app.ts': text, 'engine/store/a.ts': text, 'mail/store.ts': text })).toHaveLength(1);
    },
  );

  it('no SQL in prose', () => {
    expect(misplacedSql({ 'a/b.ts': "// SELECT a FROM b\nconst title = 'Select a file, update it';" })).toEqual([]);
  });

  it('the clock, the console, long files, vague folders and rooms of their own', () => {
    expect(readsClock({ 'http/a.ts': 'const now = Date.now();', 'http/b.ts': 'new Date()' })).toHaveLength(2);
    expect(readsClock({ 'engine/clock.ts': 'Date.now()', 'http/a.ts': '// Date.now()\nnew Date(1)' })).toEqual([]);
    expect(usesConsole({ 'http/a.ts': "console.log('x')", 'engine/logger.ts': "console.log('x')" })).toEqual([
      'http/a.ts',
    ]);
    expect(
      tooLong({ 'a/b.ts': 'x\n'.repeat(401), 'a/c.ts': 'x\n'.repeat(400), 'index.ts': 'x\n'.repeat(81) }),
    ).toHaveLength(2);
    expect(forbiddenFolders({ 'http/utils/a.ts': '', 'engine/utils.ts': '' })).toEqual(['utils']);
    expect(unknownRooms({ 'manager/a.ts': '', 'http/a.ts': '' })).toEqual(['manager']);
  });
});
