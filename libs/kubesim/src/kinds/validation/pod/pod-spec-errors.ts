import { dnsLabelProblems, labelKeyProblems, subdomainProblems } from '@meridian/cel';
import { invalid, notFound, notSupported, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, numberAt, objectAt, textAt, textsAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { labelErrors } from '../../metadata.ts';
import { between, itemsWithPaths, needed } from '../checks.ts';
import { resourceErrors } from '../resource-errors.ts';
import { affinityErrors } from './affinity-errors.ts';
import { resourceClaimErrors } from './claim-errors.ts';
import { containersErrors } from './containers-errors.ts';
import { everyContainer, formed, formedIfAny, namesOf, textOf } from './forms.ts';
import { dnsErrors, hostAliasErrors, hostnameErrors, hostNetworkErrors } from './network-errors.ts';
import { wholeResourceErrors } from './pod-resource-errors.ts';
import { gateErrors, spreadErrors, tolerationsErrors } from './scheduling-errors.ts';
import { ownUsersErrors, podSecurityErrors, usesHostUsers } from './security-errors.ts';
import { volumesOf } from './volume-errors.ts';
import type { VolumeScope } from './volume-errors.ts';
import { hostProcessErrors, linuxPodErrors, windowsPodErrors } from './windows-errors.ts';

const mostSeconds = 2 ** 31 - 1;

/** What is wrong with the spec of a pod, or of a template of one, at a path (ValidatePodSpec of pkg/apis/core/validation). */
export function podSpecErrors(spec: JsonObject, path: string, scope: VolumeScope): FieldError[] {
  const { volumes, errors } = volumesOf(spec, `${path}.volumes`, scope);
  const containers = everyContainer(spec, path);
  return [
    ...errors,
    ...resourceClaimErrors(spec['resourceClaims'], `${path}.resourceClaims`),
    ...containersErrors(spec, path, {
      volumes,
      claims: namesOf(spec, 'resourceClaims'),
      graceSeconds: numberAt(spec, 'terminationGracePeriodSeconds'),
      restartPolicy: textOf(spec, 'restartPolicy'),
      usesHostUsers: usesHostUsers(spec),
    }),
    ...wholeResourceErrors(spec, path),
    ...hostNetworkErrors(spec, path, scope.isPod),
    ...policyErrors(spec, path),
    ...labelErrors(textsAt(spec, 'nodeSelector'), `${path}.nodeSelector`),
    ...podSecurityErrors(spec, `${path}.securityContext`),
    ...affinityErrors(objectAt(spec, 'affinity'), `${path}.affinity`),
    ...dnsErrors(spec, `${path}.dnsConfig`),
    ...itemsWithPaths(spec['readinessGates'], `${path}.readinessGates`).flatMap(([gate, at]) =>
      formed(textOf(gate, 'conditionType'), `${at}.conditionType`, labelKeyProblems),
    ),
    ...gateErrors(spec['schedulingGates'], `${path}.schedulingGates`),
    ...spreadErrors(spec['topologySpreadConstraints'], `${path}.topologySpreadConstraints`),
    ...hostProcessErrors(spec, path, containers),
    ...ownUsersErrors(spec, path, containers),
    ...hostnameErrors(spec, path),
    ...namesErrors(spec, path),
    ...restErrors(spec, path),
    ...systemErrors(spec, path),
    ...groupErrors(objectAt(spec, 'schedulingGroup'), `${path}.schedulingGroup.podGroupName`),
    ...fileVolumeErrors(spec, path),
  ];
}

function policyErrors(spec: JsonObject, path: string): FieldError[] {
  return [
    ...needed(textOf(spec, 'restartPolicy'), `${path}.restartPolicy`, ['Always', 'OnFailure', 'Never']),
    ...needed(textOf(spec, 'dnsPolicy'), `${path}.dnsPolicy`, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
  ];
}

function namesErrors(spec: JsonObject, path: string): FieldError[] {
  const seconds = spec['activeDeadlineSeconds'];
  return [
    ...formedIfAny(textOf(spec, 'serviceAccountName'), `${path}.serviceAccountName`, subdomainProblems),
    ...formedIfAny(textOf(spec, 'nodeName'), `${path}.nodeName`, subdomainProblems),
    ...between(seconds, `${path}.activeDeadlineSeconds`, [1, mostSeconds]),
    ...formedIfAny(textOf(spec, 'hostname'), `${path}.hostname`, dnsLabelProblems),
    ...formedIfAny(textOf(spec, 'subdomain'), `${path}.subdomain`, dnsLabelProblems),
  ];
}

function restErrors(spec: JsonObject, path: string): FieldError[] {
  const runtime = textAt(spec, 'runtimeClassName');
  const preemption = textAt(spec, 'preemptionPolicy');
  const policies = ['PreemptLowerPriority', 'Never'];
  return [
    ...tolerationsErrors(spec['tolerations'], `${path}.tolerations`),
    ...hostAliasErrors(spec['hostAliases'], `${path}.hostAliases`),
    ...formedIfAny(textOf(spec, 'priorityClassName'), `${path}.priorityClassName`, subdomainProblems),
    ...(runtime === undefined ? [] : formed(runtime, `${path}.runtimeClassName`, subdomainProblems)),
    ...(preemption === undefined ? [] : needed(preemption, `${path}.preemptionPolicy`, policies)),
    ...overheadErrors(spec['overhead'], `${path}.overhead`),
  ];
}

/** Overhead is looked at as if it were the limits of a container. */
function overheadErrors(overhead: Json | undefined, path: string): FieldError[] {
  return isObject(overhead) ? resourceErrors({ limits: overhead }, path) : [];
}

function systemErrors(spec: JsonObject, path: string): FieldError[] {
  const os = objectAt(spec, 'os');
  if (os === undefined) return [];
  const name = textOf(os, 'name');
  if (name === '') return [required(`${path}.os.name`)];
  if (name === 'linux') return linuxPodErrors(spec, path, everyContainer(spec, path));
  if (name === 'windows') return windowsPodErrors(spec, path, everyContainer(spec, path));
  return [notSupported(`${path}.os`, name, ['linux', 'windows'])];
}

function groupErrors(group: JsonObject | undefined, path: string): FieldError[] {
  if (group === undefined) return [];
  const name = textAt(group, 'podGroupName');
  return name === undefined
    ? [invalid(path, null, 'must specify one of: `podGroupName`')]
    : formed(name, path, subdomainProblems);
}

/** Variables that are read from files need a volume to read them from. */
function fileVolumeErrors(spec: JsonObject, path: string): FieldError[] {
  const volumes = new Map(
    itemsWithPaths(spec['volumes'], '').map(([volume]) => [textOf(volume, 'name'), volume]),
  );
  return everyContainer(spec, path).flatMap(([container, at]) =>
    itemsWithPaths(container['env'], `${at}.env`).flatMap(([variable, place]) => {
      const name = textAt(variable, 'valueFrom', 'fileKeyRef', 'volumeName');
      if (name === undefined && objectAt(variable, 'valueFrom', 'fileKeyRef') === undefined) return [];
      const field = `${place}.valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(name ?? '');
      if (volume === undefined) return [notFound(field, name ?? '')];
      return isObject(volume['emptyDir'])
        ? []
        : [invalid(field, name, 'referenced volume must be of type emptyDir')];
    }),
  );
}
