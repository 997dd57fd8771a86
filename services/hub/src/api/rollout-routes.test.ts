import type { ApplicationView } from '@meridian/fleet';
import { expect, test } from 'vitest';
import type { ApiPorts, PersonCommand } from './ports.ts';
import { rolloutRoutes } from './rollout-routes.ts';

const release = `sha256:${'ab'.repeat(32)}`;
const body = { release, reason: 'latency doubled', to: release };

function open(answer: unknown = { reason: 'stage canary takes back east' }) {
  const asked: { readonly command: PersonCommand; readonly timeoutMs: number }[] = [];
  const command = async (one: PersonCommand, timeoutMs: number) => {
    asked.push({ command: one, timeoutMs });
    return answer;
  };
  const web: Partial<ApplicationView> = { name: 'web' };
  const reader = { application: (name: string) => (name === 'web' ? web : undefined) };
  const [route] = rolloutRoutes({ command, reader: reader as ApiPorts['reader'] });
  if (!route) throw new Error('no route');
  return { asked, route };
}

const alice = { name: 'alice', roles: ['sre'], identities: ['alice@example.com'] };
const signal = AbortSignal.timeout(5_000);

test('what a person asks of a rollout goes to the leader, with who, why and what the author may do', async () => {
  const { asked, route } = open();
  const ask = (verb: string) =>
    route.handle({ params: { name: 'web', verb }, query: {}, body, who: alice, signal });
  expect(await ask('rollback')).toEqual({ reason: 'stage canary takes back east' });
  expect(asked[0]?.command).toEqual({
    kind: 'askRollout',
    application: 'web',
    verb: 'rollback',
    author: 'alice',
    roles: ['sre'],
    identities: ['alice@example.com'],
    ...body,
  });
  await ask('abort');
  // A release of the past has to be rendered again, which takes longer than a word.
  expect(asked[0]?.timeoutMs).toBeGreaterThan(asked[1]?.timeoutMs ?? Infinity);
});

test('an application that nobody knows is not asked about', async () => {
  const { asked, route } = open();
  const of = { params: { name: 'none', verb: 'abort' }, query: {}, body, who: alice, signal };
  await expect(route.handle(of)).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toEqual([]);
});

test('a word that is none, a release that is no digest and a reason that says nothing are refused', () => {
  const { route } = open();
  expect(route.params?.safeParse({ name: 'web', verb: 'drop' }).success).toBe(false);
  expect(route.params?.safeParse({ name: 'web', verb: 'promote' }).success).toBe(true);
  expect(route.body?.safeParse(body).success).toBe(true);
  for (const bad of [{ release }, { ...body, release: 'ab' }, { ...body, reason: ' ' }, { ...body, x: 1 }])
    expect(route.body?.safeParse(bad).success).toBe(false);
});
