import { expect, test } from 'vitest';
import { normalise } from '../kube/transcript.ts';
import type { Value } from '../kube/transcript.ts';

function told(...bodies: Value[]): Value[] {
  return normalise(bodies.map((body) => ({ asked: 'GET /', status: 200, headers: {}, body }))).map(
    ({ body }) => body,
  );
}
const at = (resourceVersion: string, more: object = {}): Value => ({
  metadata: { resourceVersion, ...more },
});

test('revisions of objects are numbered as they appear, so that a write more is a difference', () => {
  expect(told(at('7'), at('7'), at('9'))).toEqual(told(at('70'), at('70'), at('71')));
  expect(told(at('7'), at('9'))).not.toEqual(told(at('7'), at('7')));
});

test('revisions of lists and of bookmarks are chance: servers write for themselves in between', () => {
  const list = (revision: string): Value => ({
    kind: 'List',
    items: [],
    metadata: { resourceVersion: revision },
  });
  expect(told(at('7'), list('7'))).toEqual(told(at('7'), list('9')));
  const bookmark = (revision: string): Value => [{ type: 'BOOKMARK', object: at(revision) }];
  expect(told(at('7'), bookmark('7'))).toEqual(told(at('7'), bookmark('9')));
});

test('a bookmark stays one, with what it says beside its revision', () => {
  const bookmark = (note: string): Value => [
    { type: 'BOOKMARK', object: at('7', { annotations: { note } }) },
  ];
  expect(told(bookmark('end'))).not.toEqual(told(bookmark('other')));
  expect(JSON.stringify(told(bookmark('end')))).toContain('BOOKMARK');
});
