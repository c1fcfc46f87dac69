// The weekly mail "What your tasks did this week": counts, tasks by name, failures. Long lists are cut, and the mail says how
// many entries are missing.

import { lazy } from '../../lazy.ts';
import { UNSUBSCRIBE_PLACEHOLDER } from '../unsubscribe.ts';
import { type Html, html } from './html.ts';
import { FONT, layout, QUIET, type Rendered, TEXT } from './layout.ts';

export interface DigestData {
  email: string;
  /** The period in epoch milliseconds; `until` itself is not included. */
  since: number;
  until: number;
  counts: { succeeded: number; failed: number; revoked: number };
  byName: { name: string; succeeded: number; failed: number }[];
  /** Newest first. `at`: epoch milliseconds. */
  failures: { task_id: string; name: string; message: string; at: number }[];
}

const MAX_NAMES = 20;
const MAX_FAILURES = 10;
const MAX_MESSAGE_CHARACTERS = 200;

const day = lazy(() => new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' }));
const minute = lazy(() => {
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', ...time, timeZone: 'UTC' });
});
const number = lazy(() => new Intl.NumberFormat('en'));

/** Subject, HTML and text of the weekly mail. It lists at most 20 names and 10 failures. It is not transactional. */
export function digestMail(data: DigestData): Rendered {
  const { counts } = data;
  const span = `${day().format(data.since)} – ${day().format(data.until)}`;
  const total = counts.succeeded + counts.failed + counts.revoked;
  const summary =
    total === 0
      ? 'No task ended in this time.'
      : `${number().format(counts.succeeded)} succeeded, ${number().format(counts.failed)} failed, ${number().format(counts.revoked)} revoked.`;
  const names = data.byName.slice(0, MAX_NAMES);
  const failures = data.failures.slice(0, MAX_FAILURES).map((failure) => ({
    ...failure,
    when: `${minute().format(failure.at)} UTC`,
    message: oneLine(failure.message),
  }));
  const moreNames = more(data.byName.length - names.length, 'name');
  const moreFailures = more(Math.max(counts.failed, data.failures.length) - failures.length, 'failure');
  const footer = `Sent to ${data.email} once a week.`;
  const page = {
    title: 'What your tasks did this week',
    preview: summary,
    footer: html`${footer}<br><a class="quiet" href="${UNSUBSCRIBE_PLACEHOLDER}" style="color:#616e7c">Unsubscribe</a>`,
    body: html`<p class="quiet" style="${QUIET};margin:0 0 20px">${span}</p>
${tiles(counts)}
${total === 0 ? html`<p class="ink" style="${TEXT};margin-top:20px">${summary}</p>` : ''}
${names.length > 0 ? html`${heading('By name')}${nameTable(names)}${note(moreNames)}` : ''}
${failures.length > 0 ? html`${heading('Failures')}${failureTable(failures)}${note(moreFailures)}` : ''}`,
  };
  const lines = [
    `${page.title} (${span})`,
    '',
    summary,
    ...(names.length > 0 ? ['', 'By name', ...names.map(nameLine), ...moreNames.map(bullet)] : []),
    ...(failures.length > 0 ? ['', 'Failures', ...failures.flatMap(failureLines), ...moreFailures.map(bullet)] : []),
    '',
    footer,
    `Unsubscribe: ${UNSUBSCRIBE_PLACEHOLDER}`,
  ];
  return {
    subject: `Your tasks, ${span}: ${total === 0 ? 'none ended' : `${number().format(counts.failed)} failed`}`,
    html: layout(page),
    text: `${lines.join('\n')}\n`,
    transactional: false,
  };
}

type Failure = { task_id: string; name: string; message: string; when: string };

const bullet = (text: string) => `- ${text}`;
const nameLine = ({ name, succeeded, failed }: DigestData['byName'][number]) =>
  `- ${oneLine(name)}: ${number().format(succeeded)} succeeded, ${number().format(failed)} failed`;
const failureLines = ({ task_id, name, message, when }: Failure) => [
  `- ${oneLine(name)}, ${when}: ${message}`,
  `  ${oneLine(task_id)}`,
];

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this replaces control characters
  const line = text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > MAX_MESSAGE_CHARACTERS ? `${line.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed()} …` : line;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`and ${number().format(count)} more ${what}${count > 1 ? 's' : ''}`] : [];
}

function heading(text: string): Html {
  return html`<h2 class="ink" style="margin:28px 0 8px;${FONT};font-size:16px;line-height:24px;font-weight:600;color:#1f2933">${text}</h2>`;
}

function note(lines: string[]): Html {
  return html`${lines.map((line) => html`<p class="quiet" style="${QUIET};margin:8px 0 0">${line}</p>`)}`;
}

function tiles({ succeeded, failed, revoked }: DigestData['counts']): Html {
  const tile = (
    count: number,
    label: string,
    tone: string,
    colour: string,
  ) => html`<td class="tile" width="33%" align="center" style="padding:14px 8px;background:#f1f4f7;border-radius:6px">
<div class="${tone}" style="${FONT};font-size:26px;line-height:32px;font-weight:600;color:${colour}">${number().format(count)}</div>
<div class="quiet" style="${QUIET}">${label}</div></td>`;
  const gap = html`<td width="8" style="font-size:0;line-height:0">&nbsp;</td>`;
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>
${tile(succeeded, 'succeeded', 'good', '#18794e')}${gap}${tile(failed, 'failed', failed > 0 ? 'bad' : 'ink', failed > 0 ? '#b42318' : '#1f2933')}${gap}${tile(revoked, 'revoked', 'ink', '#1f2933')}
</tr></table>`;
}

const CELL = `padding:8px 0;border-bottom:1px solid #dde3e9;${FONT};font-size:14px;line-height:20px;color:#1f2933;vertical-align:top`;

function nameTable(names: DigestData['byName']): Html {
  const head = (text: string, align: string) =>
    html`<th class="quiet rule" align="${align}" style="${CELL};color:#616e7c;font-weight:400;text-align:${align};white-space:nowrap;padding-left:${align === 'right' ? 16 : 0}px">${text}</th>`;
  const count = (value: number, tone = 'ink', colour = '#1f2933') =>
    html`<td class="${tone} rule" align="right" style="${CELL};color:${colour};white-space:nowrap;padding-left:16px">${number().format(value)}</td>`;
  return html`<table width="100%" cellpadding="0" cellspacing="0" border="0">
<tr>${head('task', 'left')}${head('succeeded', 'right')}${head('failed', 'right')}</tr>
${names.map(
  ({
    name,
    succeeded,
    failed,
  }) => html`<tr><td class="ink rule" style="${CELL};word-break:break-word">${oneLine(name)}</td>${count(succeeded)}${failed > 0 ? count(failed, 'bad', '#b42318') : count(0)}</tr>
`,
)}</table>`;
}

function failureTable(failures: Failure[]): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${failures.map(
  ({
    task_id,
    name,
    message,
    when,
  }) => html`<tr><td class="ink rule" style="${CELL};word-break:break-word"><strong>${oneLine(name)}</strong> <span class="quiet" style="color:#616e7c">${when}</span><br>
<span class="bad" style="color:#b42318">${message}</span><br>
<span class="quiet" style="font-family:Menlo,Consolas,monospace;font-size:12px;color:#616e7c">${oneLine(task_id)}</span></td></tr>
`,
)}</table>`;
}
