import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAssignment } from '../testing/assignment.ts';
import { allowedAccountPattern, judgeAccount } from './account.ts';
import type { LocalAccounts } from './account.ts';

const judge = (named: string | undefined, local: Partial<LocalAccounts>, namespace = 'ml') =>
  judgeAccount(
    { ...sampleAssignment, namespace, ...(named === undefined ? {} : { rules: { serviceAccount: named } }) },
    { allowed: [], ownNamespace: 'meridian-system', ...local },
  );

describe('by whose rights an application is written', () => {
  it('is the agent, or the account it was told of, when none is named', () => {
    expect(judge(undefined, {})).toEqual({ ok: true, user: undefined });
    expect(judge(undefined, { allowed: ['*/*'] })).toEqual({ ok: true, user: undefined });
    expect(judge(undefined, { usual: 'deployer' })).toEqual({
      ok: true,
      user: 'system:serviceaccount:ml:deployer',
    });
  });

  it('is the account that is named where it is the usual one, with and without its namespace', () => {
    const verdict = { ok: true, user: 'system:serviceaccount:ml:deployer' };
    expect(judge('deployer', { usual: 'deployer' })).toEqual(verdict);
    expect(judge('ml/deployer', { usual: 'deployer' })).toEqual(verdict);
    expect(judge('web/deployer', { usual: 'deployer' }).ok).toBe(false);
  });

  it.each([
    ['deployer', ['deployer']],
    ['ml/deployer', ['deployer']],
    ['deployer', ['other', 'ml/deployer']],
    ['team-a/deployer', ['team-*/deployer']],
    ['team-a/blue-deployer', ['team-*/*-deployer']],
    ['team-a/a-b-c', ['*/a*b*c']],
    ['web/any', ['web/*']],
    ['any', ['*']],
    ['kube-system/cloud', ['kube-system/cloud']],
    ['kube-public/cloud', ['kube-*/cloud']],
  ])('may be %s where %j is allowed', (named, allowed) => {
    expect(judge(named, { allowed }).ok).toBe(true);
  });

  it.each([
    ['deployer', []],
    ['web/deployer', ['deployer']],
    ['deployers', ['deployer']],
    ['team/deployer', ['team-*/deployer']],
    ['team-a/deployer-b', ['team-*/deployer']],
    ['team-a/ab', ['*/ab*b']],
    ['kube-system/clusterrole-aggregation-controller', ['*/*', '*-system/*', 'k*/*']],
    ['meridian-system/agent', ['*/*', 'meridian-system/agent', 'meridian-*/*']],
  ])('is not %s where %j is allowed, nor the agent instead', (named, allowed) => {
    expect(judge(named, { allowed })).toMatchObject({ ok: false });
    expect(judge(named, { allowed, usual: 'usual' })).toMatchObject({ ok: false });
  });

  it('is refused with what would be allowed, and what to do', () => {
    expect(judge('web/root', { usual: 'deployer', allowed: ['team-*/deployer'] })).toEqual({
      ok: false,
      reason:
        'service account web/root, which syncPolicy.serviceAccount names, is not allowed in this cluster: it allows deployer, ' +
        "team-*/deployer. Name one of these, or add it to impersonation.allowed of the agent's chart " +
        '(MERIDIAN_ALLOWED_SERVICE_ACCOUNTS)',
    });
    expect(judge('meridian-system/a', {})).toMatchObject({
      reason: expect.stringContaining('in the namespace of this agent') as string,
    });
  });

  it('matches as a pattern of one star for any text does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 6 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(letters, pattern, (text, glob) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(text);
        expect(judge(`ns/${text}`, { allowed: [`ns/${glob}`] }).ok).toBe(expected);
      }),
    );
  });
});

describe('an entry of the allowed accounts', () => {
  it.each(['a', '*', 'ml/a', 'team-*/deployer', '*/*', 'a.b', '*-a/b*'])('may be %s', (entry) => {
    expect(entry).toMatch(allowedAccountPattern);
  });
  it.each(['', '/', 'a/', '/a', 'a/b/c', 'A', 'm.l/a', `${'a'.repeat(64)}/b`, 'b'.repeat(254), 'a b'])(
    'may not be %j',
    (entry) => {
      expect(entry).not.toMatch(allowedAccountPattern);
    },
  );
});
