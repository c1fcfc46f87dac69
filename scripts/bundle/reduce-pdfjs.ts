// PDF.js without the parts in pdfjs-parts.ts. They throw when they are used all the same. The library comes as one file whose
// variables have short names. Calls `p(part, "name")` in it, and blocks `static{p(this, "name")}`, keep the names of the parts. A
// part that is not found is an error, so that a new version of the library is looked at again.
import { build } from 'esbuild';
import { parseAst } from 'vite';
import { CLASSES, FUNCTIONS, STAND_INS } from './pdfjs-parts.ts';
import { childrenOf, type Edit, edited, type Node } from './syntax.ts';

/** What makes a table when it is first asked for. */
const TABLE_FACTORY = 'getLookupTableFactory';
const HEADER = `import { brotliDecompressSync } from 'node:zlib';
function brotliDecode(bytes) {
  const { buffer, byteOffset, length } = brotliDecompressSync(bytes);
  return new Int8Array(buffer, byteOffset, length);
}
function fail(name) { throw new Error('The bundle leaves out ' + name + ' of PDF.js.'); }
/** Another class may extend it, and instanceof may ask for it. */
function leftOut(name) {
  const allowed = ['prototype', Symbol.hasInstance];
  const refuse = () => fail(name);
  return new Proxy(class {}, {
    apply: refuse,
    construct: refuse,
    get: (target, key) => (allowed.includes(key) ? target[key] : fail(name)),
  });
}
`;

export async function reducePdfjs(bytes: Uint8Array): Promise<Uint8Array> {
  const source = new TextDecoder().decode(bytes);
  const { outputFiles } = await build({
    stdin: { contents: HEADER + edited(source, editsOf(source)), loader: 'js' },
    write: false,
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2024',
    external: ['node:*'],
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild has written nothing.');
  return file.contents;
}

/** What leaves the parts out, and what lets esbuild see which others no code reaches. */
function editsOf(source: string): Edit[] {
  const program = parseAst(source) as unknown as Node;
  const names = namesIn(program);
  const unseen = new Set([...CLASSES, ...FUNCTIONS, ...Object.keys(STAND_INS)]);
  /** The variables of the classes that are left out. */
  const gone = new Set<string>();
  const edits: Edit[] = [];
  /** `variable`: what gets the value of the node. */
  const visit = (node: Node, variable: string): void => {
    const part = partAt(node, variable, gone, names);
    if (part) unseen.delete(part.name);
    const text = part?.text ?? otherText(node, source);
    if (text !== undefined) {
      edits.push({ start: node.start, end: node.end, text });
      return;
    }
    edits.push(...callEdits(node, names));
    for (const child of childrenOf(node)) visit(child, node.type === 'VariableDeclarator' ? idOf(node) : '');
  };
  visit(program, '');
  if (unseen.size > 0) throw new Error(`PDF.js has no ${[...unseen].join(', ')}. Look at pdfjs-parts.ts again.`);
  return edits;
}

/** If the node is a part that is left out: what comes in its place. */
function partAt(
  node: Node,
  variable: string,
  gone: Set<string>,
  names: ReadonlyMap<string, string>,
): { name: string; text: string } | undefined {
  if (isClass(node)) {
    const name = classNameOf(node, variable);
    const isGone = CLASSES.includes(name) || gone.has(String((node.superClass as Node | null)?.name));
    const stub = isGone ? `/* @__PURE__ */leftOut(${JSON.stringify(name)})` : STAND_INS[name];
    if (!stub) return undefined;
    const holder = node.type === 'ClassDeclaration' ? idOf(node) : variable;
    if (isGone) gone.add(holder);
    return { name, text: node.type === 'ClassDeclaration' ? `const ${holder}=${stub};` : stub };
  }
  if (node.type === 'FunctionDeclaration') {
    const name = names.get(idOf(node)) ?? '';
    return FUNCTIONS.includes(name) ? { name, text: `function ${idOf(node)}(){${failing(name)}}` } : undefined;
  }
  const name = node.type === 'CallExpression' ? (nameOf(node) ?? '') : '';
  const text = STAND_INS[name];
  return text ? { name, text } : undefined;
}

/** What comes in place of a node that keeps parts alive. PDF.js asks for the names of classes, so they are kept. */
function otherText(node: Node, source: string): string | undefined {
  const name = nameOf(node);
  if (node.type === 'StaticBlock' && name) return `static name=${JSON.stringify(name)};`;
  if (node.type === 'ExportNamedDeclaration') return `export{${onlyExport(node, source)}};`;
  // All parts, for a PDF.js that is loaded by a web page.
  if (node.type === 'AssignmentExpression' && source.startsWith('globalThis.pdfjsLib=', node.start)) return '0';
  return undefined;
}

/** Takes away the naming of a function. Marks a table: esbuild leaves it out if no code uses it. */
function callEdits(node: Node, names: ReadonlyMap<string, string>): Edit[] {
  if (node.type !== 'CallExpression') return [];
  const { start, end } = node;
  const [part] = node.arguments as Node[];
  if (nameOf(node) && part && part.type !== 'ThisExpression')
    return [
      { start, end: part.start, text: '(' },
      { start: part.end, end, text: ')' },
    ];
  const isTable = names.get(String((node.callee as Node).name)) === TABLE_FACTORY;
  return isTable ? [{ start, end: start, text: '/* @__PURE__ */' }] : [];
}

/** The names of all variables that a call names. */
function namesIn(node: Node, names = new Map<string, string>()): Map<string, string> {
  const name = nameOf(node);
  const [part] = (node.arguments as Node[] | undefined) ?? [];
  if (name && part?.type === 'Identifier') names.set(String(part.name), name);
  for (const child of childrenOf(node)) namesIn(child, names);
  return names;
}

/** What a node names, if it is a call or a block that does nothing else. */
function nameOf(node: Node): string | undefined {
  if (node.type === 'StaticBlock') {
    const [only, ...others] = node.body as Node[];
    return only?.type === 'ExpressionStatement' && others.length === 0 ? nameOf(only.expression as Node) : undefined;
  }
  if (node.type !== 'CallExpression' || (node.callee as Node).name !== 'p') return undefined;
  const [, name, ...others] = node.arguments as Node[];
  return others.length === 0 && typeof name?.value === 'string' ? name.value : undefined;
}

function classNameOf(node: Node, variable: string): string {
  const named = ((node.body as Node).body as Node[]).map(nameOf).find((name) => name !== undefined);
  return named ?? (node.id ? idOf(node) : variable);
}

function isClass({ type }: Node): boolean {
  return type === 'ClassDeclaration' || type === 'ClassExpression';
}

function idOf(node: Node): string {
  return String((node.id as Node | null)?.name);
}

function failing(name: string): string {
  return `fail(${JSON.stringify(name)})`;
}

function onlyExport(node: Node, source: string): string {
  const used = (node.specifiers as Node[]).find(({ exported }) => (exported as Node).name === 'getDocument');
  if (!used) throw new Error('PDF.js has no export getDocument.');
  return source.slice(used.start, used.end);
}
