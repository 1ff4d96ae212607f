import { describe, expect, test } from 'vitest';
import { checkRequestId, denialFor } from '../../src/adapters/denial.ts';

const isJson = (accept: unknown): boolean =>
  denialFor(accept, undefined).contentType === 'application/problem+json';

describe('the form of the answer', () => {
  test.each([
    [undefined, false],
    [null, false],
    [['application/json'], false],
    ['', false],
    ['*/*', false],
    ['text/plain', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['image/avif,image/webp,*/*;q=0.8', false],
    ['image/png', false],
    ['application/json', true],
    ['Application/JSON', true],
    ['application/problem+json', true],
    ['application/json, text/plain, */*', true],
    ['text/plain, application/json', true],
    ['application/*', true],
    ['application/json;charset=utf-8', true],
    ['text/html, application/json;q=0.9', false],
    ['text/plain;q=0.5, application/json;q=0.9', true],
    ['text/plain;q=0.9, application/json;q=0.5', false],
    ['application/json;q=0', false],
    ['application/json;q=0, */*', false],
    ['application/json; q=0.000, text/*;q=0.1', false],
    ['application/problem+json;q=0.4, application/json;q=0.6, text/plain;q=0.5', true],
    ['text/*;q=0.9, application/json;q=0.9', true],
    ['*/*, application/json;q=0.5', false],
    ['application/json;q=2', false],
    ['application/json;q=0.1234', false],
    ['application/json;q=', false],
    ['application/json;q=1e0', false],
    [' ,, application/json ,', true],
    ['application/jsonp', false],
    ['application', false],
    [`${'a/b,'.repeat(300)}application/json`, false],
  ])('for $0 is JSON: $1', (accept, expected) => {
    expect(isJson(accept)).toBe(expected);
  });

  test('is the same for a long header, in little time', () => {
    expect(isJson(`application/json${','.repeat(1_000_000)}`)).toBe(false);
  });
});

describe('a request id', () => {
  test.each([undefined, null])('%s is none', (id) => {
    expect(checkRequestId(id)).toBeUndefined();
  });

  test.each(['7f3a', 'urn:uuid:f81d4fae', '"<script>"', 'x'.repeat(200)])('$0 is shown as it is', (id) => {
    expect(checkRequestId(id)).toBe(id);
    expect(JSON.parse(denialFor('application/json', id).body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      requestId: id,
    });
    expect(denialFor(undefined, id).body).toBe(`Forbidden\nRequest ID: ${id}`);
  });

  test.each(['', ' ', 'a b', 'a\nb', 'a\r\nSet-Cookie: b', 'é', '\u0000', 'x'.repeat(201), 5, {}, ['a']])(
    '$0 is refused',
    (id) => {
      expect(() => checkRequestId(id)).toThrow(TypeError);
    },
  );
});
