import { isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { imageTag } from './image-tag.ts';
import { wholeDefaults } from './pod-resource-defaults.ts';
import { fill } from '../../schema/set-defaults.ts';
import type { TypeDefaults } from '../../schema/set-defaults.ts';

const readable = 0o644;

/** Defaults of the types that pods are made of (pkg/apis/core/v1/defaults.go of k8s.io/kubernetes). */
export const podDefaults: Readonly<Record<string, TypeDefaults>> = {
  Pod(pod) {
    const spec = objectAt(pod, 'spec');
    if (spec === undefined) return;
    for (const container of containersOf(spec)) requestLimits(container);
    wholeDefaults(spec);
    // A grace of less than nothing, which was once possible, is the shortest there is.
    if ((numberAt(spec, 'terminationGracePeriodSeconds') ?? 0) < 0) spec['terminationGracePeriodSeconds'] = 1;
    fill(spec, { enableServiceLinks: true });
    if (spec['hostNetwork'] === true) containersOf(spec).forEach(useHostPorts);
  },
  PodSpec(spec) {
    fill(spec, {
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
    });
    shareAccount(spec);
  },
  Container: containerDefaults,
  EphemeralContainer: containerDefaults,
  Probe: (probe) =>
    fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
  HTTPGetAction: (action) => fill(action, { path: '/', scheme: 'HTTP' }),
  GRPCAction: (action) => fill(action, { service: '' }),
  Volume(volume) {
    if (Object.keys(volume).every((name) => name === 'name')) volume['emptyDir'] = {};
    const image = objectAt(volume, 'image');
    if (image !== undefined) fill(image, { pullPolicy: pullPolicyOf(textAt(image, 'reference') ?? '') });
  },
  SecretVolumeSource: (source) => fill(source, { defaultMode: readable }),
  ConfigMapVolumeSource: (source) => fill(source, { defaultMode: readable }),
  DownwardAPIVolumeSource: (source) => fill(source, { defaultMode: readable }),
  ProjectedVolumeSource: (source) => fill(source, { defaultMode: readable }),
  ServiceAccountTokenProjection: (source) => fill(source, { expirationSeconds: 3_600 }),
  ObjectFieldSelector: (selector) => fill(selector, { apiVersion: 'v1' }),
  HostPathVolumeSource: (source) => fill(source, { type: '' }),
  PersistentVolumeClaimSpec: (spec) => fill(spec, { volumeMode: 'Filesystem' }),
};

/** The account has an old name, which always says the same; the new one counts. */
function shareAccount(spec: JsonObject): void {
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  if (account === undefined) return;
  spec['serviceAccountName'] = account;
  spec['serviceAccount'] = account;
}

function containerDefaults(container: JsonObject): void {
  fill(container, {
    imagePullPolicy: pullPolicyOf(textAt(container, 'image') ?? ''),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
}

/** The latest image may be another one the next time. */
function pullPolicyOf(image: string): string {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

function containersOf(spec: JsonObject): JsonObject[] {
  return ['containers', 'initContainers'].flatMap((name) => itemsAt(spec, name).filter(isObject));
}

/** What a container is limited to it also requests, unless it says how much it requests. */
function requestLimits(container: JsonObject): void {
  const resources = objectAt(container, 'resources');
  const limits = objectAt(container, 'resources', 'limits');
  if (resources === undefined || limits === undefined) return;
  resources['requests'] = { ...limits, ...objectAt(resources, 'requests') };
}

function useHostPorts(container: JsonObject): void {
  for (const port of itemsAt(container, 'ports')) {
    if (isObject(port)) fill(port, { hostPort: port['containerPort'] });
  }
}
