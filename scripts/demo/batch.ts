// Scenario: a batch of pictures with one broken file. Only that file fails, and the result of the workflow lists both kinds.
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
  title: 'Of a batch of pictures, only the broken file fails',
  async run(api, show) {
    const photo = (await makePhoto({ width: 800, height: 600 })) as Uint8Array<ArrayBuffer>;
    const form = new FormData();
    for (let n = 1; n <= GOOD; n++) form.append('file', new Blob([photo]), `good-${n}.jpg`);
    form.append('file', new Blob([photo.subarray(0, photo.length / 2)]), 'broken.jpg');
    show('uploading');
    const { status, body } = await api.call<Accepted>('POST', '/upload/images', form);
    expect(status === 202 && body.files.length === GOOD + 1, `status 202 with ${GOOD + 1} files, got ${status}`);
    const task = await api.follow(body.task_id, ({ status: now }) => show(`collecting ${now}`));
    const { done, failed } = task.result as Collected;
    const broken = body.files.find(({ filename }) => filename === 'broken.jpg');
    const onlyBroken =
      failed.length === 1 && failed[0]?.file === broken?.file && failed[0]?.error.code === 'broken_image';
    expect(onlyBroken, `only broken.jpg to fail, got ${JSON.stringify(failed)}`);
    expect(done.length === GOOD, `${GOOD} finished pictures, got ${done.length}`);
    for (const { outputs } of done) {
      const { bytes } = await api.bytes(`/files/${outputs[0]?.key}`);
      expect(bytes.length === outputs[0]?.bytes, 'the stored size of every thumbnail to match its result');
    }
    const failure = await api.task(broken?.task_id ?? '');
    expect(
      failure.status === 'FAILURE' && failure.attempts === 1,
      `FAILURE after 1 attempt, got ${failure.status} after ${failure.attempts}`,
    );
    return {
      taskId: task.task_id,
      status: task.status,
      detail: `${GOOD} thumbnails were made, and 1 file failed with broken_image.`,
    };
  },
};
