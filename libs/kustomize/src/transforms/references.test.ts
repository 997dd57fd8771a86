import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { defaultConfig } from '../config/transformer-config.ts';
import type { Resource } from '../resources/resource.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import { applyPrefix } from './affixes.ts';
import { applyHashes } from './hashes.ts';
import { applyNamespace } from './namespace.ts';
import { applyReferences } from './references.ts';

const step = testStep();
const names = [fieldSpec('metadata/name')];
const { nameReference, namespace: namespaceSpecs } = defaultConfig('5.5');

const prefixed = (prefix: string, ...resources: readonly Resource[]): readonly Resource[] =>
  applyPrefix(resources, { prefix, fieldSpecs: names }, step);
const moved = (namespace: string, ...resources: readonly Resource[]): readonly Resource[] =>
  applyNamespace(resources, { namespace, fieldSpecs: namespaceSpecs }, step);
const pointed = (...resources: readonly Resource[]): readonly Resource[] =>
  applyReferences(resources, nameReference, step);

const pod = (id: string, configMap: string): Resource =>
  object(`v1 Pod ${id}`, { spec: { volumes: [{ configMap: { name: configMap } }] } });
const configMapOf = (resource: Resource | undefined): unknown =>
  resource && at(resource, 'spec/volumes/0/configMap/name');
const rbac = 'rbac.authorization.k8s.io';
const binding = (id: string, kind: string, name: string, subjects: readonly object[] = []): Resource =>
  object(`${rbac}/v1 RoleBinding ${id}`, {
    roleRef: { apiGroup: rbac, kind, name },
    subjects: subjects as never,
  });

describe('references by name', () => {
  it('follow a name through every renaming', () => {
    const [map] = prefixed('b-', ...prefixed('a-', object('v1 ConfigMap conf')));
    if (!map) throw new Error('gone');
    for (const name of ['conf', 'a-conf'])
      expect(configMapOf(pointed(map, pod('p', name))[1])).toBe('b-a-conf');
    expect(configMapOf(pointed(map, pod('p', 'other'))[1])).toBe('other');
  });

  it('give the very same resources when nothing was renamed', () => {
    const resources = [object('v1 ConfigMap conf'), pod('p', 'conf')];
    expect(pointed(...resources)).toEqual(resources);
    expect(applyReferences(resources, nameReference, step)).toBe(resources);
  });

  it('are followed in a namespace that an earlier reference has just been given', () => {
    const secrets = moved('new', object('v1 Secret old/s'));
    const spaces = prefixed('p-', object('v1 Place new'));
    const fields = (path: string): readonly ReturnType<typeof fieldSpec>[] => [fieldSpec(path, 'Thing')];
    const references = [
      { group: '', version: '', kind: 'Secret', fieldSpecs: fields('ref') },
      { group: '', version: '', kind: 'Place', fieldSpecs: fields('ref/namespace') },
    ];
    const thing = object('v1 Thing new/t', { ref: { name: 's' } });
    const place = spaces.map((each) => moved('new', each)[0] ?? each);
    const after = applyReferences([...secrets, ...place, thing], references, step);
    expect(after[2] && at(after[2], 'ref')).toEqual({ name: 's', namespace: 'p-new' });
  });

  it('do not leave their namespace', () => {
    const maps = prefixed('p-', object('v1 ConfigMap one/conf'));
    expect(configMapOf(pointed(...maps, pod('two/p', 'conf'))[1])).toBe('conf');
    expect(configMapOf(pointed(...maps, pod('one/p', 'conf'))[1])).toBe('p-conf');
  });

  it('take the namespace that is called default for the one that is not said', () => {
    const maps = prefixed('p-', object('v1 ConfigMap conf'));
    expect(configMapOf(pointed(...maps, pod('default/p', 'conf'))[1])).toBe('p-conf');
  });

  it('mean the object of the same kustomization when there are several', () => {
    const a = prefixed('a-', object('v1 ConfigMap conf'), pod('one', 'conf'));
    const b = prefixed('b-', object('v1 ConfigMap conf'), pod('two', 'conf'));
    const after = pointed(...a, ...b);
    expect(after.map(configMapOf)).toEqual([undefined, 'a-conf', undefined, 'b-conf']);
  });

  it('stay when several objects are meant alike, and none is as the referrer', () => {
    const maps = [
      ...prefixed('a-', object('v1 ConfigMap conf')),
      ...prefixed('b-', object('v1 ConfigMap conf')),
    ];
    expect(configMapOf(pointed(...maps, pod('p', 'conf'))[2])).toBe('conf');
  });

  it('are refused when objects of different names are meant alike', () => {
    const maps = applyHashes([
      { ...object('v1 ConfigMap a/conf', { data: { a: '1' } }), hashed: true },
      { ...object('v1 ConfigMap b/conf', { data: { a: '2' } }), hashed: true },
    ]);
    const node = object('v1 Node n', { spec: { configSource: { configMap: 'conf' } } });
    expect(refusalOf(() => pointed(...maps, node))).toMatch(
      /^Node n names the ConfigMap conf in spec\/configSource\/configMap, which may be ConfigMap a\/conf-\w+ or ConfigMap b\/conf-\w+$/,
    );
  });

  it('are followed in annotations and in lists of names', () => {
    const ingress = object('networking.k8s.io/v1 Ingress i', {
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/auth-secret': 'key' } },
    });
    const role = object(`${rbac}/v1 Role r`, { rules: [{ resourceNames: ['key', 'other'] }] });
    const [, first, second] = pointed(...prefixed('p-', object('v1 Secret key')), ingress, role);
    expect(first && at(first, 'metadata/annotations')).toEqual({
      'nginx.ingress.kubernetes.io/auth-secret': 'p-key',
    });
    expect(second && at(second, 'rules/0/resourceNames')).toEqual(['p-key', 'other']);
  });

  it('of a role binding mean the kind that the reference says', () => {
    const roles = prefixed('p-', object(`${rbac}/v1 Role r`));
    const cluster = prefixed('q-', object(`${rbac}/v1 ClusterRole r`));
    const after = pointed(...roles, ...cluster, binding('a', 'Role', 'r'), binding('b', 'ClusterRole', 'r'));
    expect(after.slice(2).map((each) => at(each, 'roleRef/name'))).toEqual(['p-r', 'q-r']);
  });
});

describe('references by name and namespace', () => {
  it('follow an account into its new namespace', () => {
    const subjects = [{ kind: 'ServiceAccount', name: 'app', namespace: 'old' }];
    const accounts = moved('new', ...prefixed('p-', object('v1 ServiceAccount old/app')));
    const [, after] = pointed(
      ...accounts,
      binding('other/b', 'Role', 'r', [
        ...subjects,
        { kind: 'ServiceAccount', name: 'app', namespace: 'new' },
      ]),
    );
    expect(after && at(after, 'subjects/0')).toEqual({
      kind: 'ServiceAccount',
      name: 'p-app',
      namespace: 'new',
    });
    // It came from the namespace old, so nothing is known of an account of that name that was in new before.
    expect(after && at(after, 'subjects/1')).toEqual({
      kind: 'ServiceAccount',
      name: 'p-app',
      namespace: 'new',
    });
  });

  it('follow a service of a webhook', () => {
    const webhook = object('admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration w', {
      webhooks: [{ clientConfig: { service: { name: 'hook', namespace: 'default' } } }],
    });
    const [, after] = pointed(...moved('new', object('v1 Service hook')), webhook);
    expect(after && at(after, 'webhooks/0/clientConfig/service')).toEqual({ name: 'hook', namespace: 'new' });
  });

  it('are refused without a name', () => {
    const nameless = binding('b', 'Role', 'r', [{ kind: 'User' }]);
    expect(refusalOf(() => pointed(nameless))).toContain('a reference must have a name');
  });

  it('are refused for an account whose namespace is no text', () => {
    const wrong = binding('b', 'Role', 'r', [{ kind: 'ServiceAccount', name: 'a', namespace: null }]);
    expect(refusalOf(() => pointed(wrong))).toContain('has a namespace that is no text');
  });
});
