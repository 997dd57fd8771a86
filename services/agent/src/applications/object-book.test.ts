import type { Assignment } from '@meridian/fleet';
import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { configMap } from '../testing/rig.ts';
import { ObjectBook, isNewer } from './object-book.ts';

const assignment = { application: 'web', cluster: 'one', namespace: 'ml' } as Assignment;
const [desired] = (await prepareObjects([configMap('a')], assignment, () => Promise.resolve(true))) as [
  DesiredObject,
];
const key = { group: '', kind: 'ConfigMap', namespace: 'ml', name: 'a' };

interface Live {
  readonly version: number;
  readonly value?: string;
  readonly uid?: string;
  readonly editor?: string;
}

/** The object as a server would send it: what we applied, and perhaps what somebody changed since. */
function live({ version, value = 'value', uid = 'u1', editor }: Live): KubeObject {
  const ours: Json = {
    'f:metadata': { 'f:labels': { 'f:meridian.dev/application': {} } },
    ...(editor ? {} : { 'f:data': { 'f:key': {} } }),
  };
  const entry = (manager: string, operation: string, fieldsV1: Json): Json => ({
    manager,
    operation,
    time: '2026-01-01T00:00:00Z',
    fieldsV1,
  });
  const managedFields: readonly Json[] = [
    entry('meridian', 'Apply', ours),
    ...(editor ? [entry(editor, 'Update', { 'f:data': { 'f:key': {} } })] : []),
  ];
  return {
    ...desired.object,
    metadata: { ...desired.object.metadata, uid, resourceVersion: String(version), managedFields },
    data: { key: value },
  };
}

const answer = (object: KubeObject, isRepeat = false) => ({ object, desired, isRepeat });

function applied(): ObjectBook {
  const book = new ObjectBook(key);
  book.beginApply();
  book.endApply(answer(live({ version: 10 })), 1);
  return book;
}

describe('an object book', () => {
  it('does not take our own write for drift, told before or after its answer', () => {
    const book = new ObjectBook(key);
    book.beginApply();
    expect(book.see({ type: 'changed', object: live({ version: 10 }) }, 1)).toEqual({ change: 'nothing' });
    expect(book.endApply(answer(live({ version: 10 })), 2).map(({ change }) => change)).toEqual([
      'health',
      'nothing',
    ]);
    expect(book.see({ type: 'changed', object: live({ version: 9, value: 'older' }) }, 3)).toEqual({
      change: 'nothing',
    });
    expect(book.drift).toBeUndefined();
  });

  it('sees an edit that came while our write was on its way', () => {
    const book = applied();
    book.beginApply();
    book.see({ type: 'changed', object: live({ version: 12, value: 'edited', editor: 'kubectl-edit' }) }, 2);
    const seen = book.endApply(answer(live({ version: 11 })), 3);
    expect(seen.at(-1)).toMatchObject({ change: 'drifted', drift: { manager: 'kubectl-edit' } });
  });

  it('tells drift once, and that it ended when somebody put the value back', () => {
    const book = applied();
    const edited = (version: number) =>
      ({ type: 'changed', object: live({ version, value: 'edited', editor: 'kubectl-edit' }) }) as const;
    expect(book.see(edited(11), 5)).toMatchObject({ change: 'drifted', drift: { firstSeenMs: 5 } });
    expect(book.see(edited(12), 6)).toEqual({ change: 'health' });
    expect(book.drift?.firstSeenMs).toBe(5);
    expect(book.see({ type: 'changed', object: live({ version: 13 }) }, 7)).toMatchObject({
      change: 'restored',
      drift: { healedAtMs: 7 },
    });
  });

  it('tells a deletion, and ignores one of an object that was made again', () => {
    const book = applied();
    expect(book.see({ type: 'deleted', object: live({ version: 9, uid: 'u0' }) }, 2)).toEqual({
      change: 'nothing',
    });
    expect(book.see({ type: 'deleted', object: live({ version: 11 }) }, 3)).toMatchObject({
      change: 'drifted',
      drift: { change: 'deleted' },
    });
    expect(book.verdict.health).toBe('Missing');
    book.beginApply();
    const [seen] = book.endApply(answer(live({ version: 12, uid: 'u2' }), true), 4);
    expect(seen).toMatchObject({
      change: 'restored',
      drift: { change: 'deleted', firstSeenMs: 3, healedAtMs: 4 },
    });
  });

  it('believes a deletion that was found in a list and has no version', () => {
    const book = applied();
    const gone: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'ml', uid: 'u1' },
    };
    expect(book.see({ type: 'deleted', object: gone }, 2)).toMatchObject({ change: 'drifted' });
  });

  it('finds what the first apply after a restart had to change, but not what a new commit changed', () => {
    const found = (isRepeat: boolean) => {
      const book = new ObjectBook(key);
      book.see(
        { type: 'changed', object: live({ version: 10, value: 'edited', editor: 'kubectl-edit' }) },
        1,
      );
      book.beginApply();
      return book.endApply(answer(live({ version: 11 }), isRepeat), 2)[0];
    };
    expect(found(true)).toMatchObject({
      change: 'restored',
      drift: { manager: 'kubectl-edit', fields: [{ path: 'data.key', live: '"edited"' }] },
    });
    expect(found(false)).toEqual({ change: 'health' });
  });

  it('keeps the live object only while it is needed', () => {
    const book = new ObjectBook(key);
    book.see({ type: 'changed', object: live({ version: 10 }) }, 1);
    expect(book.live).toBeDefined();
    book.beginApply();
    book.endApply(answer(live({ version: 10 })), 2);
    expect(book.live).toBeUndefined();
  });
});

describe('isNewer', () => {
  it('compares versions as numbers of any length', () => {
    expect(isNewer('10', '9')).toBe(true);
    expect(isNewer('9', '10')).toBe(false);
    expect(isNewer('10', '10')).toBe(false);
    expect(isNewer('99999999999999999999', '99999999999999999998')).toBe(true);
    expect(isNewer(undefined, '5')).toBe(true);
  });
});

describe('what is stored otherwise than it was sent', () => {
  const write = (book: ObjectBook, value: string) => {
    book.beginApply();
    book.endApply({ ...answer(live({ version: 10, value })), sent: desired.object }, 7);
    return book.altered;
  };

  it('is told once, again with another value, and its end once', () => {
    const book = new ObjectBook(key);
    expect(write(book, 'theirs').drift).toMatchObject({
      manager: 'admission',
      fields: [{ path: 'data.key', desired: '"value"', live: '"theirs"' }],
      firstSeenMs: 7,
    });
    const news = () => [book.altered.news(), book.altered.news()];
    expect(news()).toEqual(['altered', undefined]);
    write(book, 'others');
    expect(news()).toEqual(['altered', undefined]);
    write(book, 'value');
    expect(news()).toEqual(['kept', undefined]);
  });

  it('is no news after a restart, and goes on from when it was seen first', () => {
    const book = new ObjectBook(key);
    const known = write(new ObjectBook(key), 'theirs').drift;
    if (!known) throw new Error('it was not seen');
    book.knowDrift({ ...known, firstSeenMs: 1 });
    expect(book.altered.news()).toBeUndefined();
    expect(write(book, 'theirs').drift).toMatchObject({ firstSeenMs: 1 });
    expect(book.altered.news()).toBeUndefined();
    expect(book.drift).toBeUndefined();
  });

  it('is not looked at where drift is ignored, or the object is written only once', () => {
    for (const ignore of ['ignoreDrift', 'heedDeletionOnly'] as const) {
      const book = new ObjectBook(key);
      write(book, 'theirs');
      book[ignore]();
      expect(book.altered.drift).toBeUndefined();
      expect(write(book, 'theirs').drift).toBeUndefined();
      expect(book.altered.news()).toBeUndefined();
    }
  });
});
