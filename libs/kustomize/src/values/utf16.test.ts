import { describe, expect, test } from 'vitest';
import { buildKustomization, treeOf, yamlOf } from '../index.ts';
import { textOfUtf16 } from './utf16.ts';

// What is built was held to kustomize 5.5.0 and 5.8.2.

type ByteOrder = 'little' | 'big';
const orders: readonly ByteOrder[] = ['little', 'big'];

function utf16(text: string, order: ByteOrder): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * (text.length + 1)));
  const marked = `\ufeff${text}`;
  for (let at = 0; at < marked.length; at += 1)
    view.setUint16(2 * at, marked.charCodeAt(at), order === 'little');
  return new Uint8Array(view.buffer);
}

const object = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  k: é€😀\n`;
const written = (name: string) =>
  `apiVersion: v1\ndata:\n  k: "é€\\U0001F600"\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

function built(files: Readonly<Record<string, string | Uint8Array>>): string {
  const result = buildKustomization(treeOf({ 'kustomization.yaml': 'resources: [a.yaml]\n', ...files }), '', {
    profile: '5.5',
  });
  return 'objects' in result ? yamlOf(result.objects) : `refused: ${result.errors[0]?.message ?? ''}`;
}

describe.each(orders)('a file in UTF-16 with a byte order mark, %s end first,', (order) => {
  const of = (text: string) => utf16(text, order);

  test('is read as resource, patch and kustomization', () => {
    expect(built({ 'a.yaml': of(object('a')) })).toBe(written('a'));
    expect(built({ 'a.yaml': of(object('a').replaceAll('\n', '\r\n')) })).toBe(written('a'));
    expect(
      built({
        'kustomization.yaml': of(
          'resources: [a.yaml]\npatches: [{ path: p.yaml, target: { kind: ConfigMap } }]\n',
        ),
        'a.yaml': object('a'),
        'p.yaml': of('- { op: replace, path: /metadata/name, value: b }\n'),
      }),
    ).toBe(written('b'));
  });

  test('gives its first document only, as kustomize finds no others in it', () => {
    for (const text of [
      `${object('a')}---\n${object('b')}`,
      `# first\n---\n${object('a')}...\n${object('b')}`,
      `${object('a')}---\n{[`,
    ])
      expect(built({ 'a.yaml': of(text) })).toBe(written('a'));
    expect(built({ 'a.yaml': of(`---\n---\n${object('b')}`) })).toBe('');
    expect(built({ 'a.yaml': of(`...\n${object('b')}`) })).toContain('refused: the YAML cannot be read');
  });

  test('is refused when it is broken', () => {
    const refused = 'refused: a.yaml is not valid UTF-8 text';
    expect(built({ 'a.yaml': of(object('a')).slice(0, -1) })).toBe(refused);
    expect(built({ 'a.yaml': of(`${object('a')}\ud800`) })).toBe(refused);
    expect(built({ 'a.yaml': of(object('a')).slice(2) })).toBe(refused);
  });

  test('stays bytes where a generator takes it, and gives no variables', () => {
    const generator = (fields: string) =>
      built({ 'kustomization.yaml': `configMapGenerator: [{ name: g, ${fields} }]\n`, 'a.txt': of('a=b\n') });
    expect(generator('files: [a.txt]')).toContain('binaryData:\n');
    expect(generator('envs: [a.txt]')).toBe('refused: a.txt is not valid UTF-8 text');
  });

  test('may be long', () => {
    const text = `# ${'x'.repeat(10_000)}\n`;
    expect(textOfUtf16(of(text))).toBe(`\ufeff${text}`);
  });
});

test('two byte order marks are refused: go-yaml then passes over the first character of every line', () => {
  expect(built({ 'a.yaml': `\ufeff${object('a')}` })).toBe(written('a'));
  expect(built({ 'a.yaml': `\ufeff\ufeff${object('a')}` })).toBe(
    'refused: the file starts with two byte order marks',
  );
});
