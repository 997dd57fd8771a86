import type { LocatedError } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { resourcesIn } from '../build/documents.ts';
import type { Profile, Resources, Step } from '../build/step.ts';
import { outcomeOf } from '../refusal.ts';
import { rememberingId, withFields, type Resource } from '../resources/resource.ts';
import { plainOf } from '../values/plain.ts';
import { isFields, type Fields } from '../values/value.ts';
import { applyJsonPatches, applyPatches, applyStrategicMerges } from './patches.ts';
import { builtInSchema } from './schema.ts';

function stepOf(
  files: { readonly [path: string]: string } = {},
  { profile = '5.5', warnings = [] }: { profile?: Profile; warnings?: LocatedError[] } = {},
): Step {
  return {
    place: { file: 'kustomization.yaml', field: 'patches[0]' },
    profile,
    schema: builtInSchema,
    readText: (path) => files[path] ?? '',
    readContent: (path) => files[path] ?? '',
    isPart: false,
    visit: () => undefined,
    look: () => undefined,
    warn: (warning) => warnings.push(warning),
  };
}

const step = stepOf();
const web = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n';
const api = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\n';

function resources(...texts: string[]): Resources {
  return texts.flatMap((text) => resourcesIn(text, 'base.yaml'));
}

function objects(after: Resources): unknown[] {
  return after.map(({ fields }) => plainOf(fields));
}

function refusal(action: () => unknown): string {
  const outcome = outcomeOf(action);
  if (typeof outcome !== 'object' || outcome === null || !('errors' in outcome))
    throw new Error('not refused');
  return (outcome.errors as readonly LocatedError[])[0]!.message;
}

function metadataOf({ fields }: Resource): Fields {
  const metadata = fields['metadata'];
  return isFields(metadata) ? metadata : {};
}

describe('an entry of patches without a target', () => {
  it('merges into the object with its id and shares the others', () => {
    const before = resources(web, api);
    const after = applyPatches(before, { patch: `${api}spec: {replicas: 2}` }, step);
    expect(plainOf(after[1]!.fields)).toHaveProperty('spec.replicas', 2);
    expect(after[0]).toBe(before[0]);
  });

  it('finds an object by a name that it had', () => {
    const [first] = resources(api);
    const renamed = withFields(rememberingId(first!), { ...first!.fields, metadata: { name: 'prod-api' } });
    const after = applyPatches([renamed], { patch: `${api}spec: {replicas: 2}` }, step);
    expect(objects(after)).toMatchObject([{ metadata: { name: 'prod-api' }, spec: { replicas: 2 } }]);
  });

  it('may hold several objects, in a file', () => {
    const files = { 'p.yaml': `${web}a: 1\n---\n${api}b: 2\n` };
    const after = applyPatches(resources(web, api), { path: 'p.yaml' }, stepOf(files));
    expect(objects(after)).toMatchObject([{ a: 1 }, { b: 2 }]);
  });

  it('is refused when no object, or more than one, has its id', () => {
    expect(refusal(() => applyPatches(resources(web), { patch: api }, step))).toBe(
      'the patch for Deployment api fits no object',
    );
    expect(refusal(() => applyPatches(resources(api, api), { patch: api }, step))).toContain(
      'fits 2 objects',
    );
  });

  it('is refused where it does not fit, without a word about values', () => {
    const patch = `${api}spec: {token: {secret: hidden}}`;
    const message = refusal(() => applyPatches(resources(`${api}spec: {token: s3cret}`), { patch }, step));
    expect(message).toBe(
      'the patch does not fit Deployment api at spec.token: the object has a plain value where the patch has a mapping',
    );
  });

  it('deletes an object', () => {
    expect(objects(applyPatches(resources(web, api), { patch: `${api}$patch: delete` }, step))).toHaveLength(
      1,
    );
  });

  it('is refused in 5.5 when it goes on after a deletion, on which kustomize crashes', () => {
    const patch = `${api}$patch: delete\n---\n${web}a: 1`;
    expect(refusal(() => applyPatches(resources(web, api), { patch }, step))).toContain('crashes');
    expect(
      objects(applyPatches(resources(web, api), { patch }, stepOf({}, { profile: '5.8' }))),
    ).toMatchObject([{ a: 1 }]);
  });
});

describe('an entry of patches with a target', () => {
  const patch = 'kind: Deployment\nmetadata: {name: any}\nspec: {replicas: 3}';

  it('merges into every target and lets it keep name, kind, namespace and apiVersion', () => {
    const after = applyPatches(resources(web, api), { patch, target: { kind: 'Deployment' } }, step);
    expect(objects(after)).toMatchObject([
      { apiVersion: 'apps/v1', metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 3 } },
      { apiVersion: 'apps/v1', metadata: { name: 'api' }, spec: { replicas: 3 } },
    ]);
  });

  it('gives the very same resources when no object is a target', () => {
    const before = resources(web);
    expect(applyPatches(before, { patch, target: { kind: 'Job' } }, step)).toBe(before);
  });

  it('may change name and kind when it is allowed to, and keeps the old id reachable', () => {
    const options = { allowNameChange: true, allowKindChange: true };
    const [after] = applyPatches(
      resources(web),
      { patch: 'kind: StatefulSet\nmetadata: {name: db}', target: { name: 'web' }, options },
      step,
    );
    expect(plainOf(after!.fields)).toMatchObject({
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'shop' },
    });
    expect(after!.past).toEqual([{ kind: 'Deployment', name: 'web', namespace: 'shop' }]);
  });

  it('knows its options by their exact names in 5.5 and whatever their case in 5.8', () => {
    const config = { patch, target: { name: 'web' }, options: { allownamechange: true } };
    expect(metadataOf(applyPatches(resources(web), config, step)[0]!)).toMatchObject({ name: 'web' });
    const later = applyPatches(resources(web), config, stepOf({}, { profile: '5.8' }));
    expect(metadataOf(later[0]!)).toMatchObject({ name: 'any' });
  });

  it('is refused when two objects end up with one id', () => {
    const config = { patch, target: { kind: 'Deployment' }, options: { allowNameChange: true } };
    expect(
      refusal(() => applyPatches(resources(api, api.replace('name: api', 'name: b')), config, step)),
    ).toContain('after the patch there are two objects');
  });

  it('turns labels and annotations into texts, null included, and warns of that', () => {
    const warnings: LocatedError[] = [];
    const labels = 'kind: Deployment\nmetadata: {name: any, labels: {a: null, b: 5}, annotations: null}';
    const [after] = applyPatches(
      resources('apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {k: v}}'),
      { patch: labels, target: { kind: 'Deployment' } },
      stepOf({}, { warnings }),
    );
    expect(metadataOf(after!)).toMatchObject({ labels: { a: 'null', b: '5' }, annotations: { k: 'v' } });
    expect(warnings.map(({ message }) => message)).toEqual([
      'kustomize does not remove metadata.labels.a here but sets it to the text "null"',
    ]);
  });

  it('is refused with several objects', () => {
    expect(
      refusal(() =>
        applyPatches(resources(web), { patch: `${web}---\n${api}`, target: { kind: 'Job' } }, step),
      ),
    ).toBe('the patch has a target and 2 objects');
  });
});

describe('a JSON patch in patches', () => {
  const patch = '- {op: replace, path: /metadata/name, value: shop}\n- {op: add, path: /a, value: 1000000}';

  it('changes every target and keeps its old id reachable', () => {
    const [after] = applyPatches(resources(web), { patch, target: { kind: 'Deployment' } }, step);
    expect(plainOf(after!.fields)).toMatchObject({ metadata: { name: 'shop' }, a: 1_000_000 });
    expect(after!.past).toEqual([{ kind: 'Deployment', name: 'web', namespace: 'shop' }]);
  });

  it('may be JSON, and only JSON when it starts with a bracket', () => {
    const target = { kind: 'Deployment' };
    const json = '[{"op": "add", "path": "/a", "value": 1}]';
    expect(objects(applyPatches(resources(web), { patch: json, target }, step))).toMatchObject([{ a: 1 }]);
    expect(
      refusal(() => applyPatches(resources(web), { patch: '[{op: add, path: /a}]', target }, step)),
    ).toContain('a text that starts with [ must be JSON');
  });

  it('finds annotations even where the object has none, and turns them into texts', () => {
    const add = '- {op: add, path: /metadata/annotations/n, value: 5}';
    const [after] = applyPatches(resources(web), { patch: add, target: { kind: 'Deployment' } }, step);
    expect(metadataOf(after!)).toMatchObject({ annotations: { n: '5' } });
  });

  it('needs a target', () => {
    expect(refusal(() => applyPatches(resources(web), { patch }, step))).toBe('the JSON patch has no target');
  });

  it('is refused with the number of the operation that does not fit', () => {
    const wrong = { patch: '- {op: remove, path: /none}', target: { kind: 'Deployment' } };
    expect(refusal(() => applyPatches(resources(web), wrong, step))).toBe(
      'the JSON patch cannot change Deployment shop/web: operation 1: the key none is not there, so it cannot be removed',
    );
  });
});

describe('what an entry of patches may say', () => {
  const target = { kind: 'Deployment' };

  it.each([
    [{}, 'the entry has neither a path nor a patch'],
    [{ patch: api, path: 'p.yaml' }, 'the entry has a path and a patch'],
    [{ patch: 'just text', target }, 'the patch cannot be used: it is no object to merge'],
    [{ patch: '- {op: add', target }, 'the patch cannot be used: it is no JSON patch'],
    [{ patch: '# nothing', target }, 'it can be read as an object to merge and as a JSON patch'],
    [{ patch: '[]', target }, 'it can be read as an object to merge and as a JSON patch'],
  ])('%j is refused in 5.5', (config, problem) => {
    expect(refusal(() => applyPatches(resources(web), config, step))).toContain(problem);
  });

  it('is a JSON patch that fits no target in 5.5 when it is an empty mapping', () => {
    expect(refusal(() => applyPatches(resources(web), { patch: '{}', target }, step))).toContain(
      'operation 1',
    );
    const before = resources(web);
    expect(applyPatches(before, { patch: '{}', target: { kind: 'Job' } }, step)).toBe(before);
  });

  it('is nothing in 5.8', () => {
    const before = resources(web);
    const later = stepOf({ empty: '' }, { profile: '5.8' });
    for (const config of [{ patch: '# nothing' }, { patch: '[]' }, { path: 'empty' }])
      expect(applyPatches(before, config, later)).toBe(before);
  });
});

describe('what kustomize remembers of an object', () => {
  const [first] = resources(`${web}`);
  const known: Resource = { ...rememberingId(first!), prefixes: ['prod-'], hashed: true };
  const erase = `${web.replace('}', ', annotations: null}')}`;

  it('is lost with a patch that takes all annotations away', () => {
    const [after] = applyPatches([known], { patch: erase }, step);
    expect(after).toMatchObject({ past: [], prefixes: [], hashed: false });
  });

  it('stays with a patch that has a target, which cannot take them away', () => {
    const [after] = applyPatches([known], { patch: erase, target: { kind: 'Deployment' } }, step);
    expect(after).toMatchObject({ prefixes: ['prod-'], hashed: true });
  });

  it('stays with a JSON patch, and is among the annotations that the patch sees', () => {
    const patch =
      '- {op: test, path: /metadata/annotations/internal.config.kubernetes.io~1prefixes, value: prod-}';
    const remove = '- {op: remove, path: /metadata/annotations}';
    const target = { kind: 'Deployment' };
    const [after] = applyPatches(
      applyPatches([known], { patch, target }, step),
      { patch: remove, target },
      step,
    );
    expect(after).toMatchObject({ prefixes: ['prod-'], hashed: true });
    expect(metadataOf(after!)).not.toHaveProperty('annotations');
  });
});

describe('patchesStrategicMerge', () => {
  it('takes files and objects in their place', () => {
    const files = { 'p.yaml': `${web}a: 1` };
    const after = applyStrategicMerges(
      resources(web, api),
      { paths: ['p.yaml', `${api}b: 2`] },
      stepOf(files),
    );
    expect(objects(after)).toMatchObject([{ a: 1 }, { b: 2 }]);
  });

  it('deletes objects one after the other', () => {
    const paths = [`${api}$patch: delete\n---\n${web}$patch: delete`];
    expect(applyStrategicMerges(resources(web, api), { paths }, step)).toEqual([]);
  });

  it('is refused without any object', () => {
    expect(refusal(() => applyStrategicMerges(resources(web), { paths: [''] }, step))).toBe(
      'the patch has no object',
    );
  });
});

describe('patchesJson6902', () => {
  const target = { kind: 'Deployment', name: 'web' };

  it('changes its target without keeping the old id', () => {
    const jsonOp = '[{"op": "replace", "path": "/metadata/name", "value": "shop"}]';
    const [after] = applyJsonPatches(resources(web), { target, jsonOp }, step);
    expect(metadataOf(after!)).toMatchObject({ name: 'shop' });
    expect(after!.past).toEqual([]);
  });

  it('does not find annotations that are not there', () => {
    const jsonOp = '- {op: add, path: /metadata/annotations/a, value: b}';
    expect(refusal(() => applyJsonPatches(resources(web), { target, jsonOp }, step))).toContain(
      'there is no mapping or list at /metadata/annotations',
    );
  });

  it.each([
    [{ jsonOp: '[]' }, 'the JSON patch has no target with a name'],
    [{ target, jsonOp: '[]' }, 'the JSON patch has no operations'],
    [{ target }, 'the entry has neither a path nor a patch'],
    [{ target, path: 'empty' }, 'the patch file empty is empty'],
    [{ target, jsonOp: 'op: add' }, 'a JSON patch is a list of operations'],
  ])('%j is refused', (config, problem) => {
    expect(refusal(() => applyJsonPatches(resources(web), config, step))).toContain(problem);
  });
});

describe('warnings of a patch', () => {
  it('tell of a copy that takes along what kustomize remembers', () => {
    const warnings: LocatedError[] = [];
    const patch = '- {op: copy, from: /metadata/annotations, path: /spec}';
    applyPatches(resources(api), { patch, target: { kind: 'Deployment' } }, stepOf({}, { warnings }));
    expect(warnings).toHaveLength(1);
  });

  function warningsOf(patch: string): string[] {
    const warnings: LocatedError[] = [];
    outcomeOf(() => applyPatches(resources(api), { patch }, stepOf({}, { warnings })));
    return warnings.map(({ message }) => message);
  }

  it('tell of directives that kustomize leaves in the object', () => {
    expect(warningsOf(`${api}spec: {$retainKeys: [a], $setElementOrder/b: [c]}`)).toEqual([
      'kustomize does not know $retainKeys and leaves it in the object (at spec.$retainKeys)',
      'kustomize does not know $setElementOrder/b and leaves it in the object (at spec.$setElementOrder/b)',
    ]);
  });

  it('tell of replacements that do nothing', () => {
    expect(warningsOf(`${api}$patch: replace`)).toEqual([
      'kustomize does not replace a whole object: the patch does nothing (at $patch)',
    ]);
    expect(warningsOf(`${api}spec: {list: [{name: a, $patch: replace}]}`)).toHaveLength(1);
  });

  it('tell of lists whose items the merge keys do not tell apart', () => {
    const service = (port: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [${port}]}`;
    const warnings: LocatedError[] = [];
    applyPatches(
      resources(service('{port: 80, protocol: TCP}')),
      { patch: service('{port: 80, name: http}') },
      stepOf({}, { warnings }),
    );
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('the items of spec.ports in Service s apart by port and protocol'),
    ]);
  });

  it('tell of a path that does not start with a slash', () => {
    const warnings: LocatedError[] = [];
    const config = { patch: '- {op: add, path: spec/a, value: 1}', target: { kind: 'Deployment' } };
    applyPatches(resources(api), config, stepOf({}, { warnings }));
    expect(warnings.map(({ message }) => message)).toEqual([
      'operation 1: kustomize drops spec at the start of the path spec/a',
    ]);
  });
});
