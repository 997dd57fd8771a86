import type { AgentLimits } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it, test } from 'vitest';
import { deployment } from '../testing/rig.ts';
import { limitRules } from './rules.ts';

const lift = 'only its administrator can lift that, in the limits of the agent';

const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

const refusal = (limits: AgentLimits, of: KubeObject) => limitRules(limits).refusal(of);

describe('limits on namespaces', () => {
  const limits = { namespaces: { allowed: ['ml-*', 'monitoring'], denied: ['ml-secret', '*-system'] } };

  test.each([
    ['ml-serving', undefined],
    ['monitoring', undefined],
    [
      'monitoring-2',
      'allow only the namespaces ml-*, monitoring (namespaces.allowed; its namespace is monitoring-2)',
    ],
    ['ml-secret', 'deny ml-secret (namespaces.denied; its namespace is ml-secret)'],
    ['ml-system', 'deny *-system (namespaces.denied; its namespace is ml-system)'],
  ])('say of an object in %s: %s', (namespace, why) => {
    const text = why && `the limits of this cluster ${why}; ${lift}`;
    expect(refusal(limits, object('v1', 'ConfigMap', 'x', namespace))).toBe(text);
    expect(refusal(limits, object('v1', 'Namespace', namespace))).toBe(text);
  });

  it('are not for other kinds outside namespaces, also when one names a namespace that is allowed', () => {
    const role = object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'x', 'ml-serving');
    expect(refusal(limits, role)).toBeUndefined();
    expect(refusal({ ...limits, kinds: { clusterScoped: [] } }, role)).toBe(
      `the limits of this cluster allow no kinds outside namespaces (kinds.clusterScoped; its kind is rbac.authorization.k8s.io/ClusterRole); ${lift}`,
    );
  });

  it('take no time, whatever the pattern', () => {
    const rules = limitRules({ namespaces: { allowed: ['*a'.repeat(30) + 'b'] } });
    const key = { group: '', kind: 'ConfigMap', namespace: 'a'.repeat(200_000), name: 'x' };
    expect(rules.refusalOf(key)).toContain('namespaces.allowed');
  });
});

describe('limits on kinds', () => {
  const kinds = {
    allowed: ['ConfigMap', 'apps/*', '*.knative.dev/Service', 'rbac.authorization.k8s.io/Role'],
  };

  test.each([
    ['v1', 'ConfigMap', true],
    ['example.com/v1', 'ConfigMap', false],
    ['v1', 'Secret', false],
    ['apps/v1', 'Deployment', true],
    ['apps.example.com/v1', 'Deployment', false],
    ['serving.knative.dev/v1', 'Service', true],
    ['v1', 'Service', false],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding', false],
    ['v1', 'List', false],
  ])('know %s %s by group and kind', (apiVersion, kind, isAllowed) => {
    const why = refusal({ kinds }, object(apiVersion, kind, 'x', 'ml'));
    expect(why === undefined).toBe(isAllowed);
    if (!isAllowed) expect(why).toContain('allow only the kinds ConfigMap, apps/*, *.knative.dev/Service');
  });

  it('deny what is denied whatever is allowed, and with * everything', () => {
    const denied = { kinds: { allowed: ['*'], denied: ['Secret'] } };
    expect(refusal(denied, object('v1', 'Secret', 'x', 'ml'))).toContain('deny Secret (kinds.denied;');
    expect(refusal(denied, object('batch/v1', 'Job', 'x', 'ml'))).toBeUndefined();
    expect(refusal({ kinds: { denied: ['*'] } }, object('batch/v1', 'Job', 'x', 'ml'))).toContain('deny *');
  });

  it('let some kinds be outside namespaces and no others, known ones and those of definitions', () => {
    const limits = { kinds: { clusterScoped: ['Namespace', 'kueue.x-k8s.io/*'] } };
    expect(refusal(limits, object('v1', 'Namespace', 'ml'))).toBeUndefined();
    expect(refusal(limits, object('kueue.x-k8s.io/v1beta1', 'ClusterQueue', 'q'))).toBeUndefined();
    expect(refusal(limits, object('example.com/v1', 'Anything', 'x'))).toContain(
      'outside namespaces (kinds.clusterScoped',
    );
    expect(refusal(limits, object('example.com/v1', 'Anything', 'x', 'ml'))).toBeUndefined();
  });
});

describe('limits on registries', () => {
  const registries = [
    'registry.example.com/ml',
    'registry.example.com:5000',
    '*.pkg.example.com',
    'docker.io/library',
  ];
  const why = (image: string) => refusal({ registries }, { ...deployment('web', 1, image) });

  test.each([
    'registry.example.com/ml/server:1',
    'REGISTRY.example.com/ml',
    'registry.example.com:5000/anything',
    'eu.pkg.example.com/x',
    'nginx',
    `docker.io/nginx@sha256:${'ab'.repeat(32)}`,
  ])('take %s', (image) => expect(why(image)).toBeUndefined());

  test.each([
    ['registry.example.com/mlops/server', 'registry.example.com/mlops/server'],
    ['registry.example.com:443/ml/server', 'registry.example.com:443/ml/server'],
    ['team/nginx', 'docker.io/team/nginx'],
    ['registry.example.com.evil.com/ml/x', 'registry.example.com.evil.com/ml/x'],
    ['pkg.example.com/x', 'pkg.example.com/x'],
    [`registry.example.com:5000@sha256:${'ab'.repeat(32)}`, undefined],
  ])('refuse %s and say where it is from', (image, from) => {
    const text = `spec.template.spec.containers[0].image is from ${from ?? 'docker.io/'}`;
    if (from) expect(why(image)).toContain(`${text}); ${lift}`);
    else expect(why(image)).toBeUndefined();
  });

  it('refuse what is no name of an image, and never repeat it', () => {
    const text = why('user:hunter2@registry.example.com/ml/server');
    expect(text).toContain('what spec.template.spec.containers[0].image names is no image that can be read');
    expect(text).not.toContain('hunter2');
  });

  it('allow no image at all with an empty list, and hold custom kinds with pod templates to it', () => {
    const ray = {
      ...object('ray.io/v1', 'RayCluster', 'x', 'ml'),
      spec: { workerGroupSpecs: [{ template: { spec: { initContainers: [{ image: 'nginx' }] } } }] },
    };
    expect(refusal({ registries: [] }, ray)).toBe(
      `the limits of this cluster allow no images (registries; spec.workerGroupSpecs[0].template.spec.initContainers[0].image is from docker.io/library/nginx); ${lift}`,
    );
    expect(
      limitRules({ registries: [] }).refusalOf({
        group: 'apps',
        kind: 'Deployment',
        namespace: 'ml',
        name: 'x',
      }),
    ).toBeUndefined();
  });
});
