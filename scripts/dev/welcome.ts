// What a newcomer sees once the dev server answers: the address and three things to try.
import { style } from '../terminal.ts';

/** The text printed when the Worker answers at `origin`. */
export function welcome(origin: string): string {
  const json = `-H 'content-type: application/json'`;
  const things: [string, string[]][] = [
    [
      'Register a user, and read the welcome mail that a task sends',
      [
        `curl -s ${origin}/users/register ${json} -d '{"email":"ada@example.com","password":"correct horse battery"}'`,
        `curl -s ${origin}/mailbox`,
      ],
    ],
    [
      'Make a 12-megapixel photo, upload it, and follow the task that makes its thumbnail',
      [
        'npx node scripts/make-photo.ts /tmp/photo.jpg',
        `curl -s ${origin}/upload/image -F file=@/tmp/photo.jpg`,
        `curl -s '${origin}/tasks?name=image.thumbnail&limit=1'`,
      ],
    ],
    [
      'A task that fails twice and then succeeds: follow its attempts',
      [
        `curl -s ${origin}/tasks ${json} -d '{"name":"demo.flaky","input":{"failures":2}}'`,
        `curl -s '${origin}/tasks?name=demo.flaky&limit=1'`,
      ],
    ],
  ];
  const lines = things.flatMap(([what, commands], i) => [
    `  ${style('bold', `${i + 1}. ${what}`)}`,
    ...commands.map((command) => `     ${style('cyan', command)}`),
    '',
  ]);
  const dashboard = `Dashboard: ${style('cyan', `${origin}/dashboard`)}`;
  return [
    `Ready on ${origin}`,
    '',
    dashboard,
    '',
    'Three things to try:',
    '',
    ...lines,
    style('dim', 'Ctrl-C stops it.'),
  ].join('\n');
}
