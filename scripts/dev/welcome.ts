// The text that the dev server prints when it is ready: its address and three examples.
import { style } from '../terminal.ts';

/** The last line of the text. scripts/boot.ts looks for it. */
export const WELCOME_END = 'Press Ctrl-C to stop.';

export function welcome(origin: string): string {
  const json = `-H 'content-type: application/json'`;
  const examples: [string, string[]][] = [
    [
      'Register a user, and read the welcome mail that a task sends.',
      [
        `curl -s ${origin}/users/register ${json} -d '{"email":"ada@example.com","password":"correct horse battery"}'`,
        `curl -s ${origin}/mailbox`,
      ],
    ],
    [
      'Make a 12-megapixel photo, upload it, and look at the task that makes its thumbnail.',
      [
        'npx node scripts/make-photo.ts /tmp/photo.jpg',
        `curl -s ${origin}/upload/image -F file=@/tmp/photo.jpg`,
        `curl -s '${origin}/tasks?name=image.thumbnail&limit=1'`,
      ],
    ],
    [
      'Enqueue a task that fails twice and then succeeds, and look at its attempts.',
      [
        `curl -s ${origin}/tasks ${json} -d '{"name":"demo.flaky","input":{"failures":2}}'`,
        `curl -s '${origin}/tasks?name=demo.flaky&limit=1'`,
      ],
    ],
  ];
  const lines = examples.flatMap(([title, commands], i) => [
    `  ${style('bold', `${i + 1}. ${title}`)}`,
    ...commands.map((command) => `     ${style('cyan', command)}`),
    '',
  ]);
  const dashboard = `Dashboard: ${style('cyan', `${origin}/dashboard`)}`;
  return [
    `Ready on ${origin}`,
    '',
    dashboard,
    '',
    'Three examples to try:',
    '',
    ...lines,
    style('dim', WELCOME_END),
  ].join('\n');
}
