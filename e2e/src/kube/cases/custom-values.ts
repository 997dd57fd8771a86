import { established } from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';
import { wide, wideDefinition, wideGroup } from '../wide-definition.ts';

const path = `/apis/${wideGroup}/v1/namespaces/{ns}/wides`;

/** Values to try, of one field each: more would be told in the order of a Go map, which is none. */
export const customValues: readonly (readonly [field: string, ...values: unknown[]])[] = [
  ['name', 'a', 'abcdef', 'ääääää', 'ää', 7, null, true, ['a'], { a: 'b' }],
  ['shape', 'ABC', 'a1', ''],
  ['level', 'low', 'middle', 3, null],
  ['size', 4, 3, 12, -2, 0, 4.5, '4', 1e3, 1e30],
  ['count', 1, 3, 5_000_000_000, -5_000_000_000],
  ['share', 0.5, 0, 1, 1.5, 2_000_000.5, -1e-7, '0.5'],
  ['step', 0.5, 0.3, 1, 1e-7, 123_456_789.25, 1_234_567.1, 1e21],
  ['on', true, 'true', 1, null],
  ['few', [1, 2], [], [1, 2, 3, 4], [2, 1], ['1', 2], [1], 7, { a: 1 }],
  ['names', ['a', 'b'], ['a', 'a', 'b', 'a'], [1], ['a', null]],
  [
    'parts',
    [{ name: 'a' }],
    [{ name: 'a' }, { name: 'a', port: 80 }],
    [{ name: 'a' }, { name: 'a', port: 81 }],
    [{ port: 3 }],
    [{ name: 'a', weight: 101 }],
    [{ name: 'a', weight: 95 }],
    [{ name: 'x' }],
    ['a'],
    [{ name: 'a', nested: null, port: null }],
    [{ name: 'a', nested: { other: 1 }, more: 2 }],
    [null],
  ],
  ['amounts', { cpu: 1 }, {}, { cpu: 1, b: 2, c: 3 }, { cpu: 0 }, { cpu: 60 }, { gpu: 1 }, { cpu: null }, { cpu: '1' }],
  ['nothing', null, 'x', 3],
  ['filled', null, 'x', 3],
  ['either', { a: 'x' }, {}, { a: 'x', b: 1 }, { a: 1 }, { c: 1 }],
  ['any', 10, 5, 2],
  ['all', 'abc', 'b', 'bbb', 'ab'],
  ['not', 'y', 'x'],
  ['port', 80, 'http', 8080, 1.5, [1], null, true, { a: 1 }],
  ['free', { a: [1, { b: null }] }, { typed: {} }, { typed: { x: 's' } }, { typed: { x: 1, y: 2 } }, 3],
  ['anything', 3, [{ a: null }], { deep: { er: 1 } }, null, 'x'],
  [
    'pod',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', more: 1 }, other: 1 },
    { metadata: {} },
    { apiVersion: 'a/b/c', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'a b' },
    { apiVersion: '', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a/b' } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 1 } } },
    { apiVersion: 3, kind: 'Pod' },
    { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { 'a b': 'c' } } },
    { apiVersion: 'v1', kind: 'Pod', metadata: null },
  ],
  ['whole', { a: 'x' }, { c: 'x' }, { a: 1 }],
  ['f-email', 'a@b.example', 'a', 'A <a@b.example>', 'a@b@c'],
  ['f-ipv4', '10.0.0.1', '10.0.0', '::1', '010.0.0.1'],
  ['f-ipv6', '::1', '10.0.0.1', 'fe80::g', '::ffff:10.0.0.1'],
  ['f-cidr', '10.0.0.0/8', '10.0.0.0/33', '::/0', '10.0.0.1'],
  ['f-byte', 'aGVsbG8=', 'a', 'aGVsbG8', ''],
  ['f-duration', '5m', '2 hours', 'soon', '59m59s', '1.5h', '-1h'],
  ['f-uuid', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b8109dad11d180b400c04fd430c8', 'x'],
  ['f-date-time', '2026-01-02T03:04:05Z', '2026-01-02t03:04:05.123+01:00', '2026-01-02', '2026-13-02T03:04:05Z', 3],
  ['f-date', '2026-01-02', '2026-02-30', '26-1-2'],
  ['f-hostname', 'a.example', '-a', 'a_b', 'a'],
  ['f-uri', 'https://a.example/b', '/b', 'b', 'mailto:a@b.example'],
  ['f-mac', '01:23:45:67:89:ab', '01-23-45-67-89-ab', '01:23:45'],
  ['f-hexcolor', '#fff', 'ff', 'abcdef'],
  ['f-password', 'x'],
  ['f-isbn', '0321751043', '978-0321751041', '1234567890'],
  ['f-k8s-short-name', 'a-b', 'a.b', 'A'],
  ['f-k8s-long-name', 'a.b', 'a..b', 'A'],
];

/** Makes the definition that these cases share, when it is not there, and waits until its kind is served. */
export async function wideServed(session: Session): Promise<string> {
  await established(session, wideDefinition());
  return path;
}

/** What a schema says of values. */
export const customValueCases: readonly ContractCase[] = customValues.map(([field, ...found]) => ({
  title: `custom object: values of ${field}`,
  async run(session: Session) {
    await wideServed(session);
    for (const value of found) {
      await session.ask('POST', `${path}?dryRun=All`, wide({ [field]: value }));
    }
  },
}));
