import { dnsLabelProblems } from '@meridian/cel';
import { duplicate, invalid, notSupported, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { numberAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths, needed, portName, portNumber, requiredForm } from '../checks.ts';
import { resourceErrors } from '../resource-errors.ts';
import { environmentErrors } from './env-errors.ts';
import { partOf, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { mountErrors } from './mount-errors.ts';
import type { Volumes } from './mount-errors.ts';
import { containerSecurityErrors } from './security-errors.ts';

/** What of a pod its containers depend on. */
export interface Surroundings {
  readonly volumes: Volumes;
  /** Names of the claims to resources. */
  readonly claims: readonly string[];
  readonly graceSeconds: number | undefined;
  readonly restartPolicy: string;
  readonly usesHostUsers: boolean;
}

/** What is wrong with a container of any kind (validateContainerCommon of pkg/apis/core/validation). */
export function containerErrors([container, path]: Placed, around: Surroundings): FieldError[] {
  return [
    ...requiredForm(container['name'], `${path}.name`, dnsLabelProblems),
    ...(textOf(container, 'image') === '' ? [required(`${path}.image`)] : []),
    ...needed(textOf(container, 'terminationMessagePolicy'), `${path}.terminationMessagePolicy`, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...portsErrors(container, `${path}.ports`),
    ...environmentErrors(container, path),
    ...mountErrors(container, path, around.volumes),
    ...pullPolicyErrors(textOf(container, 'imagePullPolicy'), `${path}.imagePullPolicy`),
    ...resourceErrors(partOf(container, 'resources'), `${path}.resources`, around.claims),
    ...resizeErrors(container, `${path}.resizePolicy`, around.restartPolicy),
    ...containerSecurityErrors(
      partOf(container, 'securityContext'),
      `${path}.securityContext`,
      around.usesHostUsers,
    ),
  ];
}

/** What is wrong with when an image is pulled. */
export function pullPolicyErrors(policy: string, path: string): FieldError[] {
  return needed(policy, path, ['Always', 'IfNotPresent', 'Never']);
}

function portsErrors(container: JsonObject, list: string): FieldError[] {
  const names = new Set<string>();
  return itemsWithPaths(container['ports'], list).flatMap(([port, path]) => {
    const number = numberAt(port, 'containerPort') ?? 0;
    return [
      ...portNameErrors(textOf(port, 'name'), `${path}.name`, names),
      ...(number === 0 ? [required(`${path}.containerPort`)] : portNumber(number, `${path}.containerPort`)),
      ...((numberAt(port, 'hostPort') ?? 0) === 0 ? [] : portNumber(port['hostPort'], `${path}.hostPort`)),
      ...needed(textOf(port, 'protocol'), `${path}.protocol`, ['SCTP', 'TCP', 'UDP']),
    ];
  });
}

function portNameErrors(name: string, path: string, seen: Set<string>): FieldError[] {
  const errors = name === '' ? [] : portName(name, path);
  if (name === '' || errors.length > 0) return errors;
  if (seen.has(name)) return [duplicate(path, name)];
  seen.add(name);
  return [];
}

function resizeErrors(container: JsonObject, list: string, restartPolicy: string): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(container['resizePolicy'], list).flatMap(([rule, path]) => {
    const [name, policy] = [textOf(rule, 'resourceName'), textOf(rule, 'restartPolicy')];
    const errors = seen.has(name) ? [duplicate(path, name)] : [];
    seen.add(name);
    errors.push(...needed(name, list, ['cpu', 'memory']));
    if (policy === '') errors.push(required(list));
    else if (!['NotRequired', 'RestartContainer'].includes(policy)) {
      errors.push(notSupported(list, policy, ['NotRequired', 'RestartContainer']));
    }
    if (restartPolicy === 'Never' && policy !== 'NotRequired') {
      errors.push(invalid(list, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}
