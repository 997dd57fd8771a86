import type { Policy } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { KeptFiles } from './kept-files.ts';
import type { ThreadMessage } from './messages.ts';
import { RevisionFiles } from './revision-files.ts';
import { SentFiles } from './sent-files.ts';
import { commitOf } from './testing/render-fleet.ts';

const { signal } = new AbortController();
const revision = async (files: { readonly [path: string]: string }, ...needed: readonly string[]) => {
  const opened = new RevisionFiles(commitOf(new Map(Object.entries(files))), signal);
  await opened.need(needed);
  return opened;
};
const first = { 'web/base/map.yaml': 'one', 'web/overlay/map.yaml': 'two', 'sync/map.yaml': 'three' };

/** A thread that notes what it is sent. */
function thread() {
  const kept = new KeptFiles();
  const messages: ThreadMessage[] = [];
  const sent = new SentFiles((message) => {
    messages.push(message);
    if (message.kind !== 'charts' && message.kind !== 'policies') kept.take(message);
  });
  const told = () => messages.splice(0).map(({ kind }) => kind);
  return { kept, messages, sent, told };
}

test('a revision is sent once, and only the contents that were needed', async () => {
  const { kept, sent, told } = thread();
  const files = await revision(first, 'web');
  const tree = sent.complete(files);
  expect(told()).toEqual(['tree', 'contents']);
  expect(sent.complete(files)).toBe(tree);
  expect(told()).toEqual([]);
  const look = kept.look(tree);
  expect(look.tree.readFile('web/base/map.yaml')).toBe('one');
  expect(look.tree.readFile('sync/map.yaml')).toBeUndefined();
  expect([...look.misses]).toEqual(['sync/map.yaml']);
  await files.need(['sync']);
  expect(sent.complete(files)).toBe(tree);
  expect(told()).toEqual(['contents']);
  expect(kept.look(tree).tree.readFile('sync/map.yaml')).toBe('three');
});

test('the next revision costs the directories and files that differ', async () => {
  const { kept, messages, sent } = thread();
  sent.complete(await revision(first, 'web', 'sync'));
  messages.splice(0);
  const tree = sent.complete(await revision({ ...first, 'web/base/map.yaml': 'four' }, 'web', 'sync'));
  const [sentTree, sentContents] = messages;
  expect(messages).toHaveLength(2);
  expect(sentTree?.kind === 'tree' && sentTree.directories.split('\0')).not.toContain('sync/map.yaml');
  expect(sentContents?.kind === 'contents' && sentContents.contents.map(([, text]) => text)).toEqual([
    'four',
  ]);
  expect(kept.look(tree).tree.readFile('web/base/map.yaml')).toBe('four');
  expect(kept.look(tree).tree.readFile('web/overlay/map.yaml')).toBe('two');
});

test('a fourth revision makes the thread forget the one that was used longest ago', async () => {
  const { kept, sent } = thread();
  const revisions = await Promise.all(['1', '2', '3', '4'].map((text) => revision({ map: text }, 'map')));
  const [one, two, three, four] = revisions;
  if (!one || !two || !three || !four) throw new TypeError('four');
  const numbers = [one, two, three].map((files) => sent.complete(files));
  sent.complete(one);
  sent.complete(four);
  expect(() => kept.look(numbers[1] ?? 0)).toThrow('was not sent');
  expect(kept.look(sent.complete(one)).tree.readFile('map')).toBe('1');
});

test('what was sent does not grow for ever: the thread starts over', async () => {
  const { kept, sent, told } = thread();
  const large = 'x'.repeat(40 * 1024 * 1024);
  sent.complete(await revision({ map: large }, 'map'));
  sent.sendCharts(new Map([['key', 'text']]));
  sent.sendCharts(new Map([['key', 'text']]));
  sent.complete(await revision({ map: `${large}y` }, 'map'));
  expect(told()).toEqual(['tree', 'contents', 'charts', 'tree', 'contents']);
  const tree = sent.complete(await revision(first, 'web'));
  sent.sendCharts(new Map([['key', 'text']]));
  expect(told()).toEqual(['forget all', 'tree', 'contents', 'charts']);
  expect(kept.look(tree).tree.readFile('web/base/map.yaml')).toBe('one');
});

test('policies count with all that they hold, their params too', async () => {
  const { sent, told } = thread();
  const files = await revision(first, 'web');
  sent.complete(files);
  const params = { registries: 'x'.repeat(70 * 1024 * 1024) };
  const policies = [{ name: 'registries', params } as unknown as Policy];
  sent.sendPolicies({ digest: 'one', policies });
  sent.sendPolicies({ digest: 'one', policies });
  sent.complete(files);
  expect(told()).toEqual(['tree', 'contents', 'policies', 'forget all', 'tree', 'contents']);
});
