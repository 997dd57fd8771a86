import { describe, expect, it } from 'vitest';
import { isDecodable, readRequestLine } from './request-line.ts';

describe('what a request asks for', () => {
  it('is a path with a query', () => {
    const { path, query } = readRequestLine('/api/v1/pods?watch=true&labelSelector=a%3Db?');
    expect(path).toBe('/api/v1/pods');
    expect([...query]).toEqual([
      ['watch', 'true'],
      ['labelSelector', 'a=b?'],
    ]);
  });

  it.each([
    ['//', '//'],
    ['///x/api', '///x/api'],
    ['*', '*'],
    ['/api/v1/../x', '/api/v1/../x'],
    ['/api\\v1', '/api\\v1'],
    ['http://anywhere:1/api/v1?a', '/api/v1'],
    ['https://anywhere', '/'],
    ['', '/'],
  ])('is read also from %s', (target, path) => {
    expect(readRequestLine(target).path).toBe(path);
  });

  it('may not be possible to decode', () => {
    expect(isDecodable('/api/%2F')).toBe(true);
    expect(isDecodable('/api/%zz')).toBe(false);
  });
});
