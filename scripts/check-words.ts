// Holds the cheap part of our plain English: words that no text of the project uses, and words of the engine that no text
// for users uses (docs/glossary.md). `node scripts/check-words.ts [path …]` checks only files whose path begins so.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Rule {
  pattern: RegExp;
  instead: string;
}

/** Groups keep the words themselves out of this file, so that a search for them finds nothing. */
const EVERYWHERE: Rule[] = [
  { pattern: /\b(?:no|some)body\b|\banybody\b/i, instead: 'name the actor: caller, task, consumer, client, operator' },
  { pattern: /\bwho(?:ever|m)\b/i, instead: 'name the actor: caller, task, consumer, client, operator' },
  { pattern: /\bso (?:many|often)\b|\b(?:for|after|within) so (?:long)\b/i, instead: 'the number, or its setting' },
  { pattern: /\b(?:told|tells|tell|telling) of\b/i, instead: 'notified of, reports, says' },
  { pattern: /\brung (?:for)\b/i, instead: 'its queue message is sent again' },
  { pattern: /\bthe (?:seed|tutorial)\b/i, instead: 'describe what is there now' },
  { pattern: /\b[Ll](?:ane)s?\b/, instead: 'queue' },
];

const FOR_USERS: Rule[] = [
  { pattern: /\b(?:rings?|ringing|rang|rung)\b/i, instead: 'a queue message is sent' },
  { pattern: /\b(?:sweeps?|sweeping|swept)\b/i, instead: 'the maintenance run' },
  { pattern: /\b(?:fences?|fenced|fencing)\b/i, instead: 'the latest attempt' },
  { pattern: /\b(?:claim|claims|claimed|claiming)\b/i, instead: 'start, pick up' },
  { pattern: /\b(?:settle|settles|settled|settling)\b/i, instead: 'end, record the outcome' },
  { pattern: /\bdoorbells?\b/i, instead: 'a queue message' },
];

const CHECKED = /\.(?:ts|tsx|mjs|py|sql|md|toml|html|css|yml)$|^\.ci\/run$/;
/** Pages of engineers who work on the engine itself, and what has been said in the past. */
const ENGINE_PAGES =
  /^docs\/(?:architecture|glossary|storage|decisions\/|task-lifecycle|monitoring\/)|^(?:CHANGELOG|CONTRIBUTING)\.md$/;
const USER_CODE = /^src\/(?:dashboard|http)\/|^scripts\//;
const TUTORIAL = 'docs/tutorial.md';

interface Fault {
  where: string;
  line: string;
  instead: string;
}

/** Quoted texts with a blank in them, and what stands between tags: what a user may read. Comments are left out. */
function textsOf(line: string): string {
  const code = line.replace(/^\s*(?:\/\/|\/?\*).*$/, '').replace(/\s\/\/ .*$/, '');
  const quoted = [...code.matchAll(/'([^']* [^']*)'|"([^"]* [^"]*)"|`([^`]* [^`]*)`|>([^<>{}=;]*[a-z][^<>{}=;]*)</g)];
  return quoted.map((found) => found.slice(1).find((text) => text !== undefined) ?? '').join(' · ');
}

/** A page without what it quotes from code. */
const proseOf = (line: string) => line.replace(/`[^`]*`/g, '');

function faultsIn(path: string, text: string): Fault[] {
  const isPage = path.endsWith('.md');
  const forUsers = isPage ? !ENGINE_PAGES.test(path) : USER_CODE.test(path);
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (isPage && line.startsWith('```')) fenced = !fenced;
    const everywhere = EVERYWHERE.filter(
      ({ pattern }) => pattern.test(line) && !(path === TUTORIAL && /tutorial/i.test(line)),
    );
    const shown = isPage ? (fenced ? '' : proseOf(line)) : textsOf(line);
    const users = forUsers ? FOR_USERS.filter(({ pattern }) => pattern.test(shown)) : [];
    return [...everywhere, ...users].map(({ instead }) => ({
      where: `${path}:${index + 1}`,
      line: line.trim(),
      instead,
    }));
  });
}

const wanted = process.argv.slice(2);
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).trim().split('\n');
const files = tracked.filter(
  (path) => CHECKED.test(path) && (wanted.length === 0 || wanted.some((start) => path.startsWith(start))),
);
const faults = files.flatMap((path) => faultsIn(path, readFileSync(path, 'utf8')));
for (const { where, line, instead } of faults)
  console.error(`${where}  ${line.slice(0, 110)}\n    instead: ${instead}`);
if (faults.length > 0) {
  console.error(`\n${faults.length} lines are not in plain words (docs/glossary.md).`);
  process.exit(1);
}
console.log(`Plain words in ${files.length} files.`);
