import { describe, expect, it } from 'vitest';
import { enqueue } from '../../src/engine/manage.ts';
import { collectImages } from '../../src/tasks/index.ts';
import { makeEngine, rowOf } from '../support/engine.ts';

const output = (name: string) => ({
  name,
  key: `outputs/images/${'f'.repeat(64)}.jpg`,
  width: 4096,
  height: 4096,
  bytes: 1_234_567,
  content_type: 'image/jpeg',
});

async function collect(files: string[], results: unknown[]) {
  const engine = await makeEngine([collectImages]);
  const [receipt] = await enqueue(engine, [{ definition: collectImages, input: { files, results } }]);
  await engine.drain();
  const row = await rowOf(receipt!.taskId);
  const json = row.result_key ? await engine.payloads.get(String(row.result_key)) : String(row.result);
  return { state: row.state, json: json ?? '' };
}

describe('image.collect', () => {
  it('lists the pictures that succeeded and those that failed, each with its file key', async () => {
    const results = [
      { outputs: [output('a')], placeholder: 'x', peak_wasm_bytes: 1 },
      { error: { code: 'broken_image', type: 'PermanentFailure', message: 'm'.repeat(1000) } },
      { outputs: [] },
    ];

    const { state, json } = await collect(['uploads/1', 'uploads/2', 'uploads/3'], results);

    expect(state).toBe('SUCCESS');
    expect(JSON.parse(json)).toEqual({
      done: [
        { file: 'uploads/1', outputs: [output('a')] },
        { file: 'uploads/3', outputs: [] },
      ],
      failed: [{ file: 'uploads/2', error: { code: 'broken_image', message: 'm'.repeat(300) } }],
    });
  });

  it('holds the largest possible batch in one result', async () => {
    const names = [output('a'.repeat(32)), output('b'.repeat(32))];
    const files = Array.from({ length: 10_000 }, (_, n) => `uploads/${'0'.repeat(36)}${n}`);

    const { state, json } = await collect(
      files,
      files.map(() => ({ outputs: names })),
    );

    expect(state).toBe('SUCCESS');
    expect(json.length).toBeGreaterThan(4_000_000);
    expect(json.length).toBeLessThan(10_000_000);
  }, 30_000);
});
