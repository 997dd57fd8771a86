import { describe, expect, it } from 'vitest';
import { leanLaunch } from './lean.ts';

describe('leanLaunch', () => {
  it('adds flags and a private compile cache, and keeps what the operator has set', () => {
    const lean = leanLaunch(
      { flags: ['--inspect'], env: { A: '1', MALLOC_ARENA_MAX: '4' } },
      '/data/compile-cache',
    );
    expect(lean?.flags[0]).toBe('--inspect');
    expect(lean?.flags).toContain('--max-semi-space-size=1');
    expect(lean?.env).toEqual({ A: '1', MALLOC_ARENA_MAX: '4', NODE_COMPILE_CACHE: '/data/compile-cache' });
  });

  it('adds the flags of a program behind those that it has, where they count', () => {
    const own = ['--max-semi-space-size=4', '--optimize-for-size'];
    const present = { flags: ['--max-semi-space-size=1', '--optimize-for-size'], env: {} };
    const lean = leanLaunch(present, '/data/compile-cache', own);
    expect(lean?.flags).toEqual([
      '--max-semi-space-size=1',
      '--optimize-for-size',
      '--max-semi-space-size=4',
    ]);
    expect(lean && leanLaunch(lean, '/data/compile-cache', own)).toBeUndefined();
  });

  it('leaves a lean process as it is', () => {
    const lean = leanLaunch({ flags: [], env: {} }, '/data/compile-cache');
    expect(lean && leanLaunch(lean, '/data/compile-cache')).toBeUndefined();
  });
});
