import { expect, it } from 'vitest';
import { errorBody } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import type { JsonObject } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { openCatalog } from '../../../schema/catalog.ts';
import { decodeObject } from '../../../schema/decode.ts';
import { setDefaults } from '../../../schema/set-defaults.ts';
import { builtInDefaults } from '../../defaults/built-in-defaults.ts';
import { podUpdateErrors } from './pod-change.ts';
import { newPodErrors } from './pod-errors.ts';

/** A pod as the server has it before validation: decoded and with its defaults. */
function pod(spec: JsonObject, metadata: JsonObject = {}): KubeObject {
  const schema = openCatalog().schemaOf({ group: '', version: 'v1', kind: 'Pod' });
  if (schema === undefined) throw new Error('no pods');
  const containers = [{ name: 'server', image: 'server:1' }];
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...metadata },
    spec: { containers, ...spec },
  };
  const decoded = decodeObject(object, schema);
  if (!decoded.ok) throw new Error(decoded.message);
  setDefaults(decoded.object, schema, builtInDefaults);
  return decoded.object as KubeObject;
}

const told = (errors: readonly FieldError[]) => errors.map((error) => `${error.field}: ${errorBody(error)}`);
const server = (more: JsonObject) => ({ containers: [{ name: 'server', image: 'server:1', ...more }] });

it('finds nothing wrong with a pod that says only what it must', () => {
  expect(newPodErrors(pod({}))).toEqual([]);
});

it('looks at volumes before the containers that mount them', () => {
  const spec = {
    volumes: [{ name: 'Bad', emptyDir: {} }],
    ...server({
      volumeMounts: [
        { name: 'Bad', mountPath: '/a' },
        { name: 'none', mountPath: '/a' },
      ],
    }),
  };
  expect(told(newPodErrors(pod(spec))).map((line) => line.split(': ')[0])).toEqual([
    'spec.volumes[0].name',
    'spec.containers[0].volumeMounts[0].name',
    'spec.containers[0].volumeMounts[1].name',
    'spec.containers[0].volumeMounts[1].mountPath',
  ]);
});

it.each<[JsonObject, string]>([
  [
    server({ image: ' server:1' }),
    'spec.containers[0].image: Invalid value: " server:1": must not have leading or trailing whitespace',
  ],
  [
    server({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    server({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    server({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    { dnsPolicy: 'None' },
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    { tolerations: [{ effect: 'NoSchedule' }] },
    'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    { ephemeralContainers: [{ name: 'debug', image: 'x' }] },
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
])('refuses %j with the words of Kubernetes', (spec, message) => {
  expect(told(newPodErrors(pod(spec)))).toEqual([message]);
});

it('lets the image of a pod change, and a deadline be set', () => {
  const old = pod({});
  expect(podUpdateErrors(pod({ ...server({ image: 'server:2' }), activeDeadlineSeconds: 5 }), old)).toEqual(
    [],
  );
});

it('shows what else was changed in a pod', () => {
  const [error] = podUpdateErrors(pod({ hostname: 'other' }), pod({}));
  expect(error?.field).toBe('spec');
  expect(error?.detail).toMatch(/^pod updates may not change fields other than /);
  expect(error?.detail.split('\n')).toEqual(
    expect.arrayContaining(['- "Hostname": "",', '+ "Hostname": "other",']),
  );
});

it('lets a pod that waits at a gate ask for fewer nodes, and no other', () => {
  const gates = [{ name: 'example.com/wait' }];
  const old = pod({ schedulingGates: gates, nodeSelector: { a: 'b' } });
  expect(podUpdateErrors(pod({ nodeSelector: { a: 'b', c: 'd' } }), old)).toEqual([]);
  expect(told(podUpdateErrors(pod({ schedulingGates: gates, nodeSelector: { a: 'c' } }), old))).toEqual([
    'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ]);
});
