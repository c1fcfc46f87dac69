// image.collect: what became of a batch of pictures, those that failed beside those that did not. Follows a group of
// image.thumbnail that goes on when members fail.
import { z } from 'zod';
import { defineTask } from '../engine/index.ts';
import { imageOutput } from './image-thumbnail.ts';

/** Ten thousand failures must fit into one result. */
const MAX_MESSAGE_CHARACTERS = 300;

const Done = z.object({ file: z.string(), outputs: z.array(imageOutput) });
const Failed = z.object({ file: z.string(), error: z.object({ code: z.string(), message: z.string() }) });

/** What a member of the group left. */
const Member = z.union([Failed.pick({ error: true }), Done.pick({ outputs: true })]);

export const collectImages = defineTask({
  name: 'image.collect',
  input: z.object({
    /** The files of the group's members, in their order. */
    files: z.array(z.string()),
    results: z.array(Member),
  }),
  output: z.object({ done: z.array(Done), failed: z.array(Failed) }),
  timeoutSeconds: 120,
  run({ files, results }) {
    const done: z.infer<typeof Done>[] = [];
    const failed: z.infer<typeof Failed>[] = [];
    for (const [index, member] of results.entries()) {
      const file = files[index] ?? '';
      if ('outputs' in member) done.push({ file, outputs: member.outputs });
      else failed.push({ file, error: shorten(member.error) });
    }
    return { done, failed };
  },
});

function shorten({ code, message }: { code: string; message: string }) {
  return { code, message: message.slice(0, MAX_MESSAGE_CHARACTERS) };
}
