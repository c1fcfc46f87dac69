// Scenario: a batch of pictures of which one is broken. It fails alone; the others are made, and the workflow tells both.
import { expect } from '../api.ts';
import { makePhoto } from '../photo.ts';
import type { Scenario } from './scenario.ts';

interface Accepted {
  workflow_id: string;
  task_id: string;
  files: { filename: string; task_id: string; file: string }[];
}

interface Collected {
  done: { file: string; outputs: { key: string; bytes: number }[] }[];
  failed: { file: string; error: { code: string } }[];
}

const GOOD = 5;

export const scenario: Scenario = {
  what: 'A batch of pictures with one broken file: it fails alone',
  async run(api, show) {
    const photo = (await makePhoto({ width: 800, height: 600 })) as Uint8Array<ArrayBuffer>;
    const form = new FormData();
    for (let n = 1; n <= GOOD; n++) form.append('file', new Blob([photo]), `good-${n}.jpg`);
    form.append('file', new Blob([photo.subarray(0, photo.length / 2)]), 'broken.jpg');
    show('uploading');
    const { status, body } = await api.call<Accepted>('POST', '/upload/images', form);
    expect(status === 202 && body.files.length === GOOD + 1, `202 with ${GOOD + 1} files, not ${status}`);
    const task = await api.follow(body.task_id, ({ status: now }) => show(`collecting ${now}`));
    const { done, failed } = task.result as Collected;
    const broken = body.files.find(({ filename }) => filename === 'broken.jpg');
    const alone = failed.length === 1 && failed[0]?.file === broken?.file && failed[0]?.error.code === 'broken_image';
    expect(alone, `only broken.jpg to fail, not ${JSON.stringify(failed)}`);
    expect(done.length === GOOD, `${GOOD} pictures to be made, not ${done.length}`);
    for (const { outputs } of done) {
      const { bytes } = await api.bytes(`/files/${outputs[0]?.key}`);
      expect(bytes.length === outputs[0]?.bytes, 'every thumbnail to be there');
    }
    const failure = await api.task(broken?.task_id ?? '');
    expect(failure.status === 'FAILURE' && failure.attempts === 1, `FAILURE at once, not ${failure.status}`);
    return { taskId: task.task_id, status: task.status, detail: `${GOOD} made, 1 failed: broken_image` };
  },
};
