import { describe, expect, it } from 'vitest';
import { parseLiveObjects } from './index.ts';

const read = (text: string) => parseLiveObjects(text, 'live.yaml');

describe('parseLiveObjects', () => {
  it('takes documents, JSON and lists in any depth, each with its line', () => {
    const list = '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}]}';
    const text = `apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n---\n${list}\n`;
    expect(read(text)).toEqual({
      objects: [
        { object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, file: 'live.yaml', line: 1 },
        { object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' } }, file: 'live.yaml', line: 5 },
      ],
    });
  });

  it('counts fields of metadata that are null or of another kind as absent', () => {
    const metadata =
      '{ name: a, creationTimestamp: null, deletionTimestamp: 1, generation: one, labels: 3, uid: u }';
    expect(read(`apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\n`)).toMatchObject({
      objects: [{ object: { metadata: { name: 'a', uid: 'u' } } }],
    });
  });

  it('takes the last of a repeated key, and text in quotes that goes on too far left', () => {
    const text = "apiVersion: v1\nkind: Pod\nkind: Node\nstatus:\n  message: 'too\n  far left'\n";
    expect(read(text)).toMatchObject({
      objects: [{ object: { kind: 'Node', status: { message: 'too far left' } } }],
    });
  });

  it('refuses what is no object with its place', () => {
    expect(read('apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n')).toMatchObject({
      errors: [{ file: 'live.yaml', line: 4, field: 'items[0]' }],
    });
  });
});
