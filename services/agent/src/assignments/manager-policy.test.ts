import { describe, expect, it } from 'vitest';
import { managerPolicyOf } from './manager-policy.ts';

describe('what is done about another field manager', () => {
  it('is to take over tools that apply manifests, and to win over everybody else', () => {
    const policy = managerPolicyOf();
    expect(policy.of('kubectl-client-side-apply')).toBe('adopt');
    expect(policy.of('helm')).toBe('adopt');
    expect(policy.of('kubectl-edit')).toBe('force');
    expect(policy.looksFirst).toBe(false);
  });

  it('is what the first rule says that fits', () => {
    const policy = managerPolicyOf([
      { manager: 'kubectl-edit', policy: 'fail' },
      { manager: 'kubectl-*', policy: 'adopt' },
      { manager: 'helm', policy: 'yield' },
    ]);
    expect(policy.of('kubectl-edit')).toBe('fail');
    expect(policy.of('kubectl-patch')).toBe('adopt');
    expect(policy.of('helm')).toBe('yield');
    expect(policy.of('argocd-controller')).toBe('adopt');
    expect(policy.looksFirst).toBe(true);
  });

  it.each([
    ['*', 'anything', true],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*ba', 'aba', true],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'acb', false],
    ['*x*', 'abc', false],
    ['a.c', 'abc', false],
  ])('has %s fit %s: %s', (manager, name, fits) => {
    expect(managerPolicyOf([{ manager, policy: 'yield' }]).of(name) === 'yield').toBe(fits);
  });
});
