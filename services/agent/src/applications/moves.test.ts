import { describe, expect, it } from 'vitest';
import { takerOf, waitText } from './moves.ts';

const entry = (name: string) => ({
  group: '',
  kind: 'ConfigMap',
  namespace: 'ml',
  name,
  apiVersion: 'v1',
  uid: name,
});
const id = (name: string) => `/ConfigMap/ml/${name}`;

describe('what an assignment says of objects that leave their bundle', () => {
  it('names the application that takes over, and what is not known yet', () => {
    const moves = { to: { web: [id('a')] }, unclear: [id('b')] };
    const takers = ['a', 'b', 'c'].map((name) => takerOf(moves, entry(name)));
    expect(takers).toEqual([{ application: 'web' }, 'unknown', undefined]);
    expect(takerOf(undefined, entry('a'))).toBeUndefined();
  });

  it('keeps everything when it could not name all of them', () => {
    expect(takerOf({ to: { web: [id('a')] }, isPartial: true }, entry('c'))).toBe('unknown');
  });

  it('does not take an object of another namespace or kind for the one that moves', () => {
    const moves = { to: { web: [id('a')] } };
    expect(takerOf(moves, { ...entry('a'), namespace: 'other' })).toBeUndefined();
    expect(takerOf(moves, { ...entry('a'), kind: 'Secret' })).toBeUndefined();
  });

  it('is told to people with a few names for each application', () => {
    const moves = { to: { web: ['a', 'b', 'c', 'd'].map(id) }, unclear: [id('e')] };
    expect(waitText(moves, ['a', 'b', 'c', 'd', 'e'].map(entry))).toBe(
      'waits for application web to take over ConfigMap ml/a, ConfigMap ml/b, ConfigMap ml/c and 1 more; ' +
        'keeps ConfigMap ml/e until the hub knows whether another application takes over',
    );
    expect(waitText(moves, [])).toBe('');
  });
});
