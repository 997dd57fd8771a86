import { expect, test } from 'vitest';
import { parseCommand } from './commands.ts';
import { createInbox } from './inbox.ts';

const { signal } = new AbortController();
const command = {
  kind: 'approveDeletions',
  application: 'web',
  release: 'sha256:x',
  author: 'lena',
  reason: 'ok',
};

test('what comes while the leader is busy is merged by name, and only the newest revision counts', async () => {
  const inbox = createInbox();
  inbox.putSource({ revision: 'r1', askedAtMs: 1 });
  inbox.putSource({ revision: 'r2', askedAtMs: 2 });
  for (let turn = 0; turn < 1_000; turn++) inbox.putReport('web', turn % 2 === 0 ? 'east' : 'west');
  const mail = await inbox.take(1_000, signal);
  expect(mail.source?.revision).toBe('r2');
  expect([...(mail.reports.get('web') ?? [])]).toEqual(['east', 'west']);
  expect(await inbox.take(0, signal)).toMatchObject({ source: undefined, commands: [] });
});

test('commands are bounded, and the one too many is told so', async () => {
  const inbox = createInbox();
  const event = { kind: 'deletionsApproved', release: 'sha256:x', author: 'lena', reason: 'ok' } as const;
  const asked = () => ({
    command: { application: 'web', event },
    answer: Promise.withResolvers<{ reason: string }>(),
  });
  for (let turn = 0; turn < 100; turn++) expect(inbox.putCommand(asked())).toBe(true);
  expect(inbox.putCommand(asked())).toBe(false);
  expect((await inbox.take(0, signal)).commands).toHaveLength(100);
  expect(inbox.putCommand(asked())).toBe(true);
});

test('a command is read whole or refused with what is wrong with it', () => {
  expect(parseCommand(command)).toEqual({
    application: 'web',
    event: { kind: 'deletionsApproved', release: 'sha256:x', author: 'lena', reason: 'ok' },
  });
  expect(parseCommand({ ...command, deletions: { east: 3 } })).toMatchObject({
    event: { deletions: { east: 3 } },
  });
  const verb = { ...command, kind: 'askRollout', verb: 'rollback', to: 'sha256:y' };
  expect(parseCommand(verb)).toEqual({
    application: 'web',
    verb: 'rollback',
    roles: [],
    identities: [],
    release: 'sha256:x',
    author: 'lena',
    reason: 'ok',
    to: 'sha256:y',
  });
  const pause = { kind: 'pause', application: 'web', cluster: 'east', author: 'lena', reason: 'patch' };
  const { kind: _, ...who } = pause;
  expect(parseCommand({ ...pause, forMs: 60_000 })).toEqual({ ...who, forMs: 60_000 });
  expect(parseCommand({ ...pause, kind: 'resume' })).toEqual({ ...who, forMs: undefined });
  for (const bad of [
    undefined,
    {},
    { ...command, application: 'a.b.>' },
    { ...command, author: '' },
    { ...command, kind: 'drop' },
    { ...verb, verb: 'drop' },
    { ...verb, reason: '' },
    { ...command, deletions: { east: 0 } },
    { ...command, deletions: { east: Infinity } },
    { ...command, deletions: { 'a.b': 1 } },
    pause,
    { ...pause, forMs: 86_400_001 },
    { ...pause, forMs: 60_000, cluster: 'a.>' },
    { ...pause, forMs: 60_000, reason: '' },
  ]) {
    expect(() => parseCommand(bad)).toThrow(/not a command/);
  }
});
