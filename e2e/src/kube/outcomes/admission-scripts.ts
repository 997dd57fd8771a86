import { at } from '../body.ts';
import { script, step } from './script.ts';
import type { Script } from './script.ts';
import type { Stage } from './stage.ts';

const plural = 'validatingadmissionpolicies';

const rule = (group: string, ...resources: readonly string[]) => ({
  apiGroups: [group],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources,
});
const about = (...resourceRules: readonly object[]) => ({ matchConstraints: { resourceRules } });
const asks = (...expressions: readonly string[]) => ({
  validations: expressions.map((expression) => ({ expression })),
});

const govern = (name: string, spec: object) => (stage: Stage) =>
  stage.create(plural, 'ValidatingAdmissionPolicy', { metadata: { name }, spec });
const checked = (name: string) => (stage: Stage) =>
  stage.until(
    plural,
    name,
    (policy) => at(policy, 'metadata.generation') === at(policy, 'status.observedGeneration'),
  );

/** What becomes of admission policies after they were made. */
export const admissionScripts: readonly Script[] = [
  script(
    'policies are checked by the types of what they are about',
    [plural],
    step(
      govern('fits', {
        ...about(rule('apps', 'deployments')),
        ...asks('object.spec.replicas <= 5', 'oldObject == null || has(oldObject.spec.paused)'),
      }),
      checked('fits'),
    ),
    step(
      govern('misfits', {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        ...about(
          rule('apps', 'deployments', 'statefulsets', 'deployments/scale'),
          rule('', 'configmaps', 'nothing'),
        ),
        validations: [
          { expression: "object.spec.replicas <= '5'", messageExpression: "'x' + object.spec.foo" },
          { expression: 'object.data.x == 3' },
          { expression: "object.metadata.name == 'x' && params.data.x == 'y'" },
          { expression: "params.nothing == 'x'" },
          { expression: 'object.metadata.labels.x == 1' },
          { expression: "object.metadata.creationTimestamp < timestamp('2020-01-01T00:00:00Z')" },
        ],
      }),
      checked('misfits'),
    ),
    step(
      govern('pods', {
        ...about(rule('', 'pods', 'pods/status')),
        variables: [{ name: 'containers', expression: 'object.spec.containers' }],
        ...asks(
          "object.spec.containers.all(c, c.imagee == 'x')",
          "object.spec.containers[0].resources.limits.cpu == 'x'",
          "object.metadata.ownerReferences.exists(o, o.controller == 'yes')",
          "object.spec.containers[0].ports[0].containerPort == 'http'",
          'object.spec.containers[0].livenessProbe.httpGet.port == 1',
          'object.metadata.managedFields[0].fieldsV1.x == 1',
          'oldObject.spec.nothing == 1',
          "variables.containers.all(c, c.whatever == 'x')",
        ),
      }),
      checked('pods'),
    ),
    step(
      govern('all', {
        matchConstraints: { resourceRules: [{ ...rule('*', '*'), apiVersions: ['*'] }] },
        ...asks("object.spec.nothing == 'x'"),
      }),
      checked('all'),
    ),
    step(async (stage) => {
      await stage.merge(plural, 'misfits', { spec: { ...asks('object.metadata.nothing == 1') } });
    }, checked('misfits')),
    step(async (stage) => {
      for (const name of ['fits', 'misfits', 'pods', 'all']) await stage.remove(plural, name);
    }),
  ),
];
