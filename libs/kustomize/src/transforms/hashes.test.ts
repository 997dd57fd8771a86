import { describe, expect, it } from 'vitest';
import { pastIdsOf } from '../resources/resource.ts';
import { at, object, refusalOf } from '../testing/objects.ts';
import { applyHashes } from './hashes.ts';

const hashedName = (id: string, fields: Parameters<typeof object>[1]): unknown => {
  const [after] = applyHashes([{ ...object(id, fields), hashed: true }]);
  return after && at(after, 'metadata/name');
};

describe('the hash in a name', () => {
  it('is that of kustomize, from the data and for secrets from the type', () => {
    expect(hashedName('v1 ConfigMap c', { data: { a: '1' } })).toBe('c-h29d89cmmt');
    expect(hashedName('v1 ConfigMap c', {})).toBe('c-6ct58987ht');
    expect(hashedName('v1 Secret s', { type: 'Opaque', data: { a: 'MQ==' } })).toBe('s-25khgmg44c');
  });

  it('counts neither the name nor labels', () => {
    const name = String(hashedName('v1 ConfigMap c', { data: { a: '1' } }));
    const other = hashedName('v1 ConfigMap d', { data: { a: '1' }, metadata: { labels: { x: 'y' } } });
    expect(other).toBe(name.replace(/^c/, 'd'));
  });

  it('keeps the former name reachable', () => {
    const [after] = applyHashes([{ ...object('v1 ConfigMap c'), hashed: true }]);
    expect(after && pastIdsOf(after)).toMatchObject([{ name: 'c' }]);
  });

  it('is only for objects that were generated as config maps and secrets', () => {
    const resources = [object('v1 ConfigMap c')];
    expect(applyHashes(resources)).toBe(resources);
    expect(refusalOf(() => hashedName('v1 Widget w', {}))).toContain('generated as another kind');
  });
});
