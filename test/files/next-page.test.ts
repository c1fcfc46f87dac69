import { expect, it } from 'vitest';
import { nextPage } from '../../src/files/next-page.ts';

const object = (key: string) => ({ key, uploaded: new Date(0) });

it('an empty page of R2 is not the end while R2 says that more follow', async () => {
  const asked: unknown[] = [];
  const pages = [
    { objects: [], truncated: true, cursor: 'c1' },
    { objects: [object('a/2')], truncated: true, cursor: 'c2' },
  ];
  const bucket = {
    list: async (options: unknown) => {
      asked.push(options);
      return pages.shift();
    },
  } as unknown as R2Bucket;

  const page = await nextPage(bucket, 'a/', 'a/1', 5);

  expect(page.objects.map(({ key }) => key)).toEqual(['a/2']);
  expect(asked).toEqual([
    { prefix: 'a/', limit: 5, startAfter: 'a/1' },
    { prefix: 'a/', limit: 5, cursor: 'c1' },
  ]);
});

it('the last page may be empty', async () => {
  const bucket = { list: async () => ({ objects: [], truncated: false }) } as unknown as R2Bucket;
  expect((await nextPage(bucket, 'a/', undefined)).objects).toEqual([]);
});
