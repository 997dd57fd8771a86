import { describe, expect, it } from 'vitest';
import { plainOf } from '../values/plain.ts';
import { readDocuments } from '../values/read.ts';
import { isFields, type Fields } from '../values/value.ts';
import { MergeProblem } from './items.ts';
import { builtInSchema } from './schema.ts';
import { mergePatch } from './strategic-merge.ts';

function object(yaml: string): Fields {
  const read = readDocuments(yaml, 'test.yaml');
  const value = 'errors' in read ? undefined : read.documents[0]?.value;
  if (!isFields(value)) throw new Error(JSON.stringify(read));
  return value;
}

function merged(base: string, patch: string): unknown {
  const result = mergePatch(object(base), object(patch), { schema: builtInSchema });
  return result && plainOf(result);
}

const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n';
const pod = (spec: string): string => `${head}spec: {template: {spec: ${spec}}}`;
const podSpec = (base: string, patch: string): unknown => {
  const result = merged(pod(base), pod(patch)) as { spec: { template: { spec: unknown } } };
  return result.spec.template.spec;
};

/** A custom resource, whose lists no schema knows. */
const custom = (spec: string): string =>
  `apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\nspec: ${spec}`;
const customSpec = (base: string, patch: string): unknown =>
  (merged(custom(base), custom(patch)) as { spec: unknown }).spec;

describe('a strategic merge patch', () => {
  it('sets, adds and removes fields', () => {
    expect(customSpec('{a: 1, b: {c: 2, d: 3}}', '{a: 2, b: {c: null}, e: new}')).toEqual({
      a: 2,
      b: { d: 3 },
      e: 'new',
    });
  });

  it('puts its items before those of the object and merges those with the same key', () => {
    expect(
      podSpec(
        '{containers: [{name: a, image: i:1}, {name: b, image: i:2}]}',
        '{containers: [{name: c, image: i:3}, {name: b, image: i:4}]}',
      ),
    ).toEqual({
      containers: [
        { name: 'c', image: 'i:3' },
        { name: 'b', image: 'i:4' },
        { name: 'a', image: 'i:1' },
      ],
    });
  });

  it('replaces lists of kinds that the schema does not know', () => {
    expect(customSpec('{list: [{name: a}]}', '{list: [{name: b}]}')).toEqual({ list: [{ name: 'b' }] });
  });

  it('merges lists of a known object that is embedded in a custom resource', () => {
    const embedded = (containers: string): string =>
      `{job: {apiVersion: v1, kind: Pod, spec: {containers: ${containers}}}}`;
    expect(customSpec(embedded('[{name: a, image: i}]'), embedded('[{name: a, tty: true}]'))).toHaveProperty(
      'job.spec.containers',
      [{ name: 'a', image: 'i', tty: true }],
    );
  });

  it('merges plain values of finalizers', () => {
    const meta = (list: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s, finalizers: ${list}}`;
    expect(merged(meta('[a, b]'), meta('[c, a]'))).toHaveProperty('metadata.finalizers', ['c', 'a', 'b']);
  });

  it('deletes and replaces mappings as $patch says', () => {
    expect(customSpec('{a: {b: 1}, c: {d: 1}}', '{a: {$patch: delete}, c: {$patch: replace, e: 2}}')).toEqual(
      {
        c: { e: 2 },
      },
    );
  });

  it('deletes items and replaces lists as $patch says', () => {
    expect(podSpec('{volumes: [{name: a}, {name: b}]}', '{volumes: [{name: a, $patch: delete}]}')).toEqual({
      volumes: [{ name: 'b' }],
    });
    expect(podSpec('{volumes: [{name: a}]}', '{volumes: [{name: b}, {$patch: replace}]}')).toEqual({
      volumes: [{ name: 'b' }],
    });
  });

  it('deletes the object with $patch: delete at its root', () => {
    expect(merged(head, `${head}$patch: delete`)).toBeUndefined();
  });

  it('does not replace an object or an item that is there already, as kustomize', () => {
    expect(merged(`${head}spec: {a: 1}`, `${head}$patch: replace\nspec: {b: 2}`)).toHaveProperty('spec', {
      a: 1,
    });
    expect(
      podSpec('{containers: [{name: a, image: i}]}', '{containers: [{name: a, $patch: replace, tty: true}]}'),
    ).toEqual({ containers: [{ name: 'a', image: 'i' }] });
  });

  it('leaves a directive in a list that the object does not have, as kustomize', () => {
    expect(podSpec('{}', '{volumes: [{name: a}, {$patch: replace}]}')).toEqual({
      volumes: [{ $patch: 'replace' }],
    });
  });

  it('refuses a word that is no directive', () => {
    expect(() => customSpec('{a: {b: 1}}', '{a: {$patch: remove}}')).toThrow(
      '$patch must be merge, replace or delete, not "remove"',
    );
  });

  it('refuses a list where the object has a mapping and says where', () => {
    try {
      customSpec('{a: {b: {c: 1}}}', '{a: {b: [1]}}');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(MergeProblem);
      expect((error as MergeProblem).path).toEqual(['spec', 'a', 'b']);
    }
  });

  it('keeps a null that is written as a word and drops a field without any value', () => {
    expect(customSpec('{}', '{}')).toEqual({});
    expect(customSpec('\n  a: null\n  b:\n  c: ~', '{d: 1}')).toEqual({ a: null, c: null, d: 1 });
  });

  it('keeps empty mappings and lists', () => {
    expect(customSpec('{a: {}, b: []}', '{c: {}, d: []}')).toEqual({ a: {}, b: [], c: {}, d: [] });
  });

  it('removes nulls from what it adds, but not inside lists that are replaced', () => {
    expect(customSpec('{}', '{a: {b: null, c: 1}, l: [{b: null}]}')).toEqual({
      a: { c: 1 },
      l: [{ b: null }],
    });
  });

  it('keeps what it does not touch', () => {
    const base = object(pod('{containers: [{name: a}], volumes: [{name: v, emptyDir: {}}]}'));
    const after = mergePatch(base, object(`${head}spec: {replicas: 2}`), { schema: builtInSchema });
    expect((after?.['spec'] as Fields)['template']).toBe((base['spec'] as Fields)['template']);
    expect(mergePatch(base, object(head), { schema: builtInSchema })).toBe(base);
  });
});

describe('ports, which two keys tell apart', () => {
  const ports = (base: string, patch: string): unknown =>
    (
      podSpec(`{containers: [{name: a, ports: ${base}}]}`, `{containers: [{name: a, ports: ${patch}}]}`) as {
        containers: [{ ports: unknown }];
      }
    ).containers[0].ports;

  it('merge by both', () => {
    expect(
      ports(
        '[{containerPort: 53, protocol: TCP}, {containerPort: 53, protocol: UDP}]',
        '[{containerPort: 53, protocol: UDP, name: dns}, {containerPort: 80, protocol: TCP}]',
      ),
    ).toEqual([
      { containerPort: 80, protocol: 'TCP' },
      { containerPort: 53, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP', name: 'dns' },
    ]);
  });

  it('merge by one when no item has the other', () => {
    expect(ports('[{containerPort: 80}]', '[{containerPort: 80, name: http}]')).toEqual([
      { containerPort: 80, name: 'http' },
    ]);
  });

  it('lose the change of a patch without the protocol that the object has, as in kustomize', () => {
    expect(ports('[{containerPort: 80, protocol: TCP}]', '[{containerPort: 80, name: http}]')).toEqual([
      { containerPort: 80, protocol: 'TCP' },
    ]);
  });
});

describe('lists that kustomize puts in order on the way', () => {
  it('keep the last of two items with the same key', () => {
    expect(podSpec('{containers: [{name: a, image: i:1}, {name: a, image: i:2}]}', '{x: 1}')).toEqual({
      containers: [{ name: 'a', image: 'i:2' }],
      x: 1,
    });
  });

  it('lose every other item to one without a key', () => {
    expect(podSpec('{containers: [{name: a}, {image: i}]}', '{x: 1}')).toHaveProperty('containers', [
      { image: 'i' },
    ]);
  });

  it('are refused when their keys repeat and they are too long to compare all items', () => {
    const items = Array.from({ length: 501 }, () => '{name: a}').join(', ');
    expect(() => podSpec(`{volumes: [${items}]}`, '{x: 1}')).toThrow('a list of 501 items');
  });

  it('may be long when their keys are distinct, also without a key that no item has', () => {
    const ports = Array.from({ length: 5000 }, (_, index) => `{port: ${index + 1}}`).join(', ');
    const service = (list: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [${list}]}`;
    const result = merged(service(ports), service('{port: 7, name: seven}')) as {
      spec: { ports: unknown[] };
    };
    expect(result.spec.ports).toHaveLength(5000);
    expect(result.spec.ports[0]).toEqual({ port: 7, name: 'seven' });
  });
});

describe('a value that takes the place of a text', () => {
  it('becomes text when the old one needs its quotes', () => {
    expect(customSpec('{a: "1", b: "true"}', '{a: 2, b: false}')).toEqual({ a: '2', b: 'false' });
  });

  it('stays what it is when the old one has no quotes', () => {
    expect(customSpec('{a: one, b: 1}', '{a: 2, b: "2"}')).toEqual({ a: 2, b: '2' });
  });
});
