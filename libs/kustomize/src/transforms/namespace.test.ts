import { describe, expect, it } from 'vitest';
import { fieldSpec } from '../config/field-spec.ts';
import { defaultConfig } from '../config/transformer-config.ts';
import type { Profile } from '../build/step.ts';
import { pastIdsOf, type Resource } from '../resources/resource.ts';
import { at, object, refusalOf, testStep } from '../testing/objects.ts';
import { Scalar } from '../values/value.ts';
import { applyNamespace, type NamespaceConfig } from './namespace.ts';

function moved(
  resource: Resource,
  config: Partial<NamespaceConfig> = {},
  profile: Profile = '5.5',
): Resource {
  const { namespace: fieldSpecs } = defaultConfig(profile);
  const [after] = applyNamespace([resource], { namespace: 'new', fieldSpecs, ...config }, testStep(profile));
  if (!after) throw new Error('gone');
  return after;
}

describe('a namespace', () => {
  it('is set on namespaced objects and on kinds that nobody knows', () => {
    expect(at(moved(object('v1 Secret old/s')), 'metadata/namespace')).toBe('new');
    expect(at(moved(object('example.com/v1 Widget w')), 'metadata/namespace')).toBe('new');
  });

  it('is not set on what lives outside of namespaces', () => {
    expect(at(moved(object('v1 Node n')), 'metadata/namespace')).toBeUndefined();
    // An unknown version of a known kind counts as namespaced.
    expect(at(moved(object('v2 Node n')), 'metadata/namespace')).toBe('new');
  });

  it('is set on admission policies by 5.5, which does not know them yet', () => {
    const policy = object('admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy p');
    expect(at(moved(policy), 'metadata/namespace')).toBe('new');
    expect(at(moved(policy, {}, '5.8'), 'metadata/namespace')).toBeUndefined();
  });

  it('is left to helm by 5.8 where an annotation says so', () => {
    const annotations = { 'internal.config.kubernetes.io/helm-generated': 'true' };
    const made = object('v1 Secret s', { metadata: { annotations } });
    expect(moved(made, {}, '5.8')).toBe(made);
    expect(at(moved(made), 'metadata/namespace')).toBe('new');
  });

  it('renames a Namespace of the core group only', () => {
    expect(at(moved(object('v1 Namespace old')), 'metadata/name')).toBe('new');
    expect(at(moved(object('example.com/v1 Namespace old')), 'metadata/name')).toBe('old');
  });

  it('is set in references to services by namespace', () => {
    const service = object('apiregistration.k8s.io/v1 APIService a', { spec: {} });
    expect(at(moved(service), 'spec/service/namespace')).toBe('new');
    const definition = object('apiextensions.k8s.io/v1 CustomResourceDefinition c', {
      spec: { conversion: { webhook: { clientConfig: { service: { namespace: 'old' } } } } },
    });
    expect(at(moved(definition), 'spec/conversion/webhook/clientConfig/service/namespace')).toBe('new');
    expect(at(moved(object('apiextensions.k8s.io/v1 CustomResourceDefinition c')), 'spec')).toBeUndefined();
  });

  it('keeps the former id reachable, even of what does not move', () => {
    expect(pastIdsOf(moved(object('v1 Secret old/s')))).toMatchObject([{ name: 's', namespace: 'old' }]);
    expect(pastIdsOf(moved(object('v1 Node n')))).toHaveLength(1);
  });

  it('is refused when two objects become the same', () => {
    const both = [object('v1 Secret a/s'), object('v1 Secret b/s')];
    const config = { namespace: 'new', fieldSpecs: [] };
    expect(refusalOf(() => applyNamespace(both, config, testStep()))).toBe(
      'the namespace new makes Secret new/s of objects.yaml:1 and objects.yaml:1 the same',
    );
  });
});

describe('a namespace for what has none', () => {
  const unset = { unsetOnly: true, fieldSpecs: [fieldSpec('spec/a', '', true)] };

  it('leaves others alone', () => {
    expect(at(moved(object('v1 Secret old/s'), unset), 'metadata/namespace')).toBe('old');
    expect(at(moved(object('v1 Secret /s'), unset), 'metadata/namespace')).toBe('new');
  });

  it('takes the word null for a namespace, as kustomize does', () => {
    const nulls = object('v1 Secret s', { metadata: { namespace: null }, spec: { a: null } });
    expect(at(moved(nulls, unset), 'metadata/namespace')).toBe(null);
    expect(at(moved(nulls, unset), 'spec/a')).toBe('null');
    const empty = object('v1 Secret s', { metadata: { namespace: new Scalar('!!null', '') } });
    expect(at(moved(empty, unset), 'metadata/namespace')).toBe('new');
  });
});

describe('subjects of role bindings', () => {
  const binding = object('rbac.authorization.k8s.io/v1 ClusterRoleBinding b', {
    subjects: [
      { kind: 'ServiceAccount', name: 'default' },
      { kind: 'ServiceAccount', name: 'app', namespace: 'old' },
      { kind: 'User', name: 'default' },
    ],
  });
  const namespaces = (mode?: string): unknown[] => {
    const subjects = at(moved(binding, { setRoleBindingSubjects: mode }), 'subjects');
    return (subjects as { namespace?: string }[]).map(({ namespace }) => namespace);
  };

  it('move when they are named default, whatever they are', () => {
    expect(namespaces()).toEqual(['new', 'old', 'new']);
    expect(namespaces('defaultOnly')).toEqual(['new', 'old', 'new']);
  });

  it('move when they are service accounts, on demand', () => {
    expect(namespaces('allServiceAccounts')).toEqual(['new', 'new', undefined]);
  });

  it('stay, on demand', () => {
    expect(namespaces('none')).toEqual([undefined, 'old', undefined]);
  });

  it('are refused with an unknown mode', () => {
    expect(refusalOf(() => namespaces('all'))).toBe('setRoleBindingSubjects cannot be all');
  });
});
