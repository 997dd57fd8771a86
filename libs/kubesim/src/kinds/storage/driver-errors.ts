import { duplicate, invalid, notSupported } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textIn } from '../validation/go-fields.ts';
import { choice } from '../validation/pod/forms.ts';

// pkg/apis/storage/validation

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const modes = ['Persistent', 'Ephemeral'];
const shortestPeriod = 10;

/** What is wrong with a CSIDriver. */
export function driverErrors(driver: KubeObject): FieldError[] {
  const spec = objectAt(driver, 'spec') ?? {};
  return [
    ...choice(spec['fsGroupPolicy'], 'spec.fsGroupPolicy', groupPolicies),
    ...tokenErrors(spec),
    ...itemsAt(spec, 'volumeLifecycleModes')
      .map(String)
      .filter((mode) => !modes.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, modes)),
    ...periodErrors(spec['nodeAllocatableUpdatePeriodSeconds']),
    ...secretErrors(spec),
  ];
}

function tokenErrors(spec: JsonObject): FieldError[] {
  const requests = itemsWithPaths(spec['tokenRequests'], 'spec.tokenRequests');
  const audiences = requests.map(([request]) => textIn(request, 'audience'));
  return requests.flatMap(([request, path], index) => {
    const audience = audiences[index] ?? '';
    if (audiences.indexOf(audience) < index) return [duplicate(`${path}.audience`, audience)];
    return expirationErrors(request['expirationSeconds'], `${path}.expirationSeconds`);
  });
}

function expirationErrors(seconds: Json | undefined, path: string): FieldError[] {
  if (typeof seconds !== 'number') return [];
  if (seconds < 600) return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds <= 2 ** 32) return [];
  return [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')];
}

function periodErrors(seconds: Json | undefined): FieldError[] {
  if (typeof seconds !== 'number' || seconds >= shortestPeriod) return [];
  const why = `must be greater than or equal to ${String(shortestPeriod)} seconds`;
  return [invalid('spec.nodeAllocatableUpdatePeriodSeconds', seconds, why)];
}

function secretErrors(spec: JsonObject): FieldError[] {
  const value = spec['serviceAccountTokenInSecrets'];
  if (value === undefined || itemsAt(spec, 'tokenRequests').length > 0) return [];
  const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
  return [invalid('spec.serviceAccountTokenInSecrets', value, why)];
}

/** What may not change of a CSIDriver; the API server misspells the first field. */
export function driverChange(driver: KubeObject, old: KubeObject): FieldError[] {
  const fields = [
    ['attachRequired', 'attachedRequired'],
    ['volumeLifecycleModes', 'volumeLifecycleModes'],
  ] as const;
  const [spec, before] = [objectAt(driver, 'spec'), objectAt(old, 'spec')];
  return fields
    .filter(([field]) => !goEqual(spec?.[field] ?? null, before?.[field] ?? null))
    .map(([field, name]) => invalid(`spec.${name}`, spec?.[field] ?? null, 'field is immutable'));
}

const leaks =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

/** What is said of a driver that hands out tokens in the attributes of volumes, once that is new. */
export function driverWarnings(driver: KubeObject, old: KubeObject | undefined): string[] {
  const requests = itemsAt(driver, 'spec', 'tokenRequests');
  const isSame = old !== undefined && goEqual([...requests], [...itemsAt(old, 'spec', 'tokenRequests')]);
  const isSet = objectAt(driver, 'spec')?.['serviceAccountTokenInSecrets'] !== undefined;
  return requests.length === 0 || isSame || isSet ? [] : [leaks];
}
