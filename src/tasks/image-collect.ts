// image.collect: lists the pictures of a batch that succeeded and those that failed. It follows a group of image.thumbnail that
// continues when members fail.
import { z } from 'zod';
import { defineTask } from '../engine/index.ts';
import { lazy } from '../lazy.ts';
import { imageOutput } from './image-thumbnail.ts';

/** The failures of 10,000 pictures must fit into one result. */
const MAX_MESSAGE_CHARACTERS = 300;

const Done = lazy(() => z.object({ file: z.string(), outputs: z.array(imageOutput()) }));
const Failed = lazy(() => z.object({ file: z.string(), error: z.object({ code: z.string(), message: z.string() }) }));

/** The result or the error of one member of the group. */
const Member = lazy(() => z.union([Failed().pick({ error: true }), Done().pick({ outputs: true })]));

export const collectImages = defineTask({
  name: 'image.collect',
  input: () =>
    z.object({
      /** The file keys of the members, in their order. */
      files: z.array(z.string()),
      results: z.array(Member()),
    }),
  output: () => z.object({ done: z.array(Done()), failed: z.array(Failed()) }),
  timeoutSeconds: 120,
  run({ files, results }) {
    const done: z.infer<ReturnType<typeof Done>>[] = [];
    const failed: z.infer<ReturnType<typeof Failed>>[] = [];
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
