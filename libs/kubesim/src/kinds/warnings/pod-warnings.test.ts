import { expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { newPodWarnings, templateWarnings } from './pod-warnings.ts';

const warningsOf = (spec: JsonObject, metadata: JsonObject = {}) =>
  newPodWarnings({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec });
const server = (more: JsonObject) => ({ containers: [{ name: 'server', ...more }] });

it('says nothing of a plain pod', () => {
  expect(warningsOf(server({}))).toEqual([]);
});

it.each<[JsonObject, string]>([
  [
    { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    server({
      env: [
        { name: 'A', value: 'x' },
        { name: 'A', value: 'y' },
      ],
    }),
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ],
  [
    server({
      ports: [
        { containerPort: 80, protocol: 'TCP' },
        { containerPort: 80, protocol: 'TCP' },
      ],
    }),
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
  ],
  [
    server({ resources: { limits: { memory: '100m' } } }),
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
  ],
  [
    {
      volumes: [
        {
          name: 'v',
          configMap: {
            name: 'c',
            items: [
              { key: 'a', path: 'x' },
              { key: 'b', path: 'x/y' },
            ],
          },
        },
      ],
    },
    'volume "v" (ConfigMap "c"): overlapping paths: "x/y" with "x"',
  ],
])('warns of %j', (spec, warning) => {
  expect(warningsOf(spec)).toEqual([warning]);
});

it('says nothing of a variable that builds on what it was', () => {
  expect(
    warningsOf(
      server({
        env: [
          { name: 'A', value: 'x' },
          { name: 'A', value: '$(A)y' },
        ],
      }),
    ),
  ).toEqual([]);
});

it('warns of names that make no host names, and of templates where they stand', () => {
  expect(warningsOf(server({}), { name: 'a.b' })).toEqual([
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ]);
  expect(templateWarnings({ spec: { terminationGracePeriodSeconds: -1 } }, 'spec.template')).toEqual([
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ]);
});
