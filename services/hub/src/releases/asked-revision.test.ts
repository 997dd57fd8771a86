import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { answeredAt } from './asked-revision.ts';

const { signal } = new AbortController();
const missing = (message: string) => new FaultError('not_found', message, { retry: 'never' });

/** A replica that has some commits, and gets those that it lacks when it looks. */
function replica(has: string[], lacks: string[] = [], rolledOut?: string) {
  const looks = { count: 0 };
  const ports = {
    findCommit: async (start: string) => {
      const commit = has.find((id) => id.startsWith(start));
      if (commit === undefined) throw missing(`no commit of the fleet repo begins with ${start}`);
      return commit;
    },
    newest: () => has.at(-1),
    rolledOut: () => rolledOut,
    catchUp: async () => {
      looks.count += 1;
      has.push(...lacks.splice(0));
    },
  };
  return { ports, looks };
}
const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
const web = { application: 'web' };
const revision = async (at: string | undefined) => at;

test('the newest revision answers unless another one is asked for', async () => {
  const { ports, looks } = replica([first, second], [], first);
  expect(await answeredAt(ports, web, { answer: revision, signal })).toBe(second);
  const asked = { ...web, revision: first.slice(0, 8) };
  expect(await answeredAt(ports, asked, { answer: revision, signal })).toBe(first);
  expect(looks.count).toBe(0);
});

test('a commit that another replica has rolled out is fetched before it is answered for', async () => {
  const { ports, looks } = replica([first], [second], second);
  expect(await answeredAt(ports, web, { answer: revision, signal })).toBe(second);
  expect(looks.count).toBe(1);
});

test('a commit that is asked for by its id is looked for once in the fleet repo', async () => {
  const { ports, looks } = replica([first], [second]);
  const asked = { ...web, revision: '2222222' };
  expect(await answeredAt(ports, asked, { answer: revision, signal })).toBe(second);
  await expect(
    answeredAt(ports, { ...web, revision: '3333333' }, { answer: revision, signal }),
  ).rejects.toMatchObject({
    code: 'not_found',
    message: 'no commit of the fleet repo begins with 3333333; the newest that this hub has is 2222222',
  });
  expect(looks.count).toBe(2);
});

test('an application that is not there yet is asked for again when a look finds a newer revision, and only then', async () => {
  const asked: (string | undefined)[] = [];
  const answer = async (at: string | undefined) => {
    asked.push(at);
    if (at !== second) throw missing(`there is no application web at revision ${at?.slice(0, 7) ?? ''}`);
    return at;
  };
  expect(await answeredAt(replica([first], [second]).ports, web, { answer, signal })).toBe(second);
  expect(asked).toEqual([first, second]);
  await expect(answeredAt(replica([first]).ports, web, { answer, signal })).rejects.toThrow(
    'there is no application web at revision 1111111',
  );
  expect(asked).toHaveLength(3);
});

test('other faults are not retried', async () => {
  const { ports, looks } = replica([first], [second]);
  const answer = async () => {
    throw new FaultError('invalid', 'it cannot be rendered', { retry: 'never' });
  };
  await expect(answeredAt(ports, web, { answer, signal })).rejects.toThrow('cannot be rendered');
  expect(looks.count).toBe(0);
});
