import { describe, expect, it } from 'vitest';
import { checkConditions, spanOf } from '../../src/http/conditions.ts';

const file = { etag: '"abc"', size: 100, uploadedAt: Date.UTC(2026, 0, 1, 12, 0, 0, 500) };
const SAME = 'Thu, 01 Jan 2026 12:00:00 GMT';
const EARLIER = 'Thu, 01 Jan 2026 11:59:59 GMT';
const LATER = 'Thu, 01 Jan 2026 12:00:01 GMT';

describe('the conditions of a request (RFC 9110, 13.2.2)', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'go'],
    [{ 'if-match': '"abc"' }, 'go'],
    [{ 'if-match': '*' }, 'go'],
    [{ 'if-match': '"x", "abc"' }, 'go'],
    [{ 'if-match': '"x"' }, 'changed'],
    [{ 'if-match': 'W/"abc"' }, 'changed'],
    [{ 'if-match': '"abc"', 'if-unmodified-since': EARLIER }, 'go'],
    [{ 'if-unmodified-since': EARLIER }, 'changed'],
    [{ 'if-unmodified-since': SAME }, 'go'],
    [{ 'if-unmodified-since': 'yesterday, about noon' }, 'go'],
    [{ 'if-none-match': '"abc"' }, 'unchanged'],
    [{ 'if-none-match': 'W/"abc"' }, 'unchanged'],
    [{ 'if-none-match': '*' }, 'unchanged'],
    [{ 'if-none-match': '"x"' }, 'go'],
    [{ 'if-none-match': '"x"', 'if-modified-since': LATER }, 'go'],
    [{ 'if-modified-since': SAME }, 'unchanged'],
    [{ 'if-modified-since': EARLIER }, 'go'],
    [{ 'if-modified-since': 'nonsense' }, 'go'],
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'changed'],
    [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'unchanged'],
  ])('%o come to %s', (headers, state) => {
    expect(checkConditions(new Headers(headers), file)).toBe(state);
  });
});

describe('the span of a request (RFC 9110, 14.2)', () => {
  it.each<[Record<string, string>, [number, number] | undefined]>([
    [{ range: 'bytes=0-9' }, [0, 10]],
    [{ range: 'Bytes=90-' }, [90, 10]],
    [{ range: 'bytes=-10' }, [90, 10]],
    [{ range: 'bytes=-0' }, [100, 0]],
    [{ range: 'bytes=100-' }, [100, 0]],
    [{ range: 'bytes=9-0' }, undefined],
    [{ range: 'bytes=0-1,3-4' }, undefined],
    [{ range: 'lines=0-1' }, undefined],
    [{ range: 'bytes=0-9', 'if-range': '"abc"' }, [0, 10]],
    [{ range: 'bytes=0-9', 'if-range': SAME }, [0, 10]],
    [{ range: 'bytes=0-9', 'if-range': 'W/"abc"' }, undefined],
    [{ range: 'bytes=0-9', 'if-range': LATER }, undefined],
  ])('%o is %o', (headers, span) => {
    expect(spanOf(new Headers(headers), file)).toEqual(span && { offset: span[0], length: span[1] });
  });

  it('of an empty file lies outside', () => {
    expect(spanOf(new Headers({ range: 'bytes=0-' }), { ...file, size: 0 })).toEqual({ offset: 0, length: 0 });
  });
});
