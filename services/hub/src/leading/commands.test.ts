import { expect, test } from 'vitest';
import { parseCommand } from './commands.ts';

const asked = {
  kind: 'askRollout',
  application: 'web',
  verb: 'pause',
  release: 'r1',
  author: 'ann',
  reason: 'x',
};

test('a word brings along what its author may do, and one from an earlier version brings nothing', () => {
  const alice = { roles: ['sre'], identities: ['ann@example.com', 'Ann Doe'] };
  expect(parseCommand({ ...asked, ...alice })).toMatchObject(alice);
  expect(parseCommand(asked)).toMatchObject({ roles: [], identities: [] });
});

test.each([
  { roles: 'sre' },
  { roles: [''] },
  { identities: [7] },
  { roles: Array.from({ length: 65 }, () => 'a') },
])('a word whose author is %j is refused', (who) => {
  expect(() => parseCommand({ ...asked, ...who })).toThrow('not a command');
});
