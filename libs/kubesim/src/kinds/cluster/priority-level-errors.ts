import { forbidden, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { between, needed } from '../validation/checks.ts';
import { numberIn, textIn } from '../validation/go-fields.ts';

// pkg/apis/flowcontrol/validation

const mostQueues = 10_000_000;
const mostBits = 60;

/** What is wrong with a PriorityLevelConfiguration. */
export function priorityLevelErrors(level: KubeObject): FieldError[] {
  const spec = objectAt(level, 'spec') ?? {};
  const type = textIn(spec, 'type');
  const isMisnamed = (level.metadata.name === 'exempt') !== (type === 'Exempt');
  return [
    ...(isMisnamed ? [invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")] : []),
    ...needed(type, 'spec.type', ['Exempt', 'Limited']),
    ...(type === 'Exempt' ? exemptErrors(spec) : []),
    ...(type === 'Limited' ? limitedErrors(spec) : []),
  ];
}

function exemptErrors(spec: JsonObject): FieldError[] {
  return [
    ...(isObject(spec['limited'])
      ? [forbidden('spec.limited', 'must be nil if the type is not Limited')]
      : []),
    ...shareErrors(objectAt(spec, 'exempt') ?? {}, 'spec.exempt'),
    ...lendErrors(objectAt(spec, 'exempt') ?? {}, 'spec.exempt'),
  ];
}

function limitedErrors(spec: JsonObject): FieldError[] {
  const limited = objectAt(spec, 'limited');
  const path = 'spec.limited';
  const more = isObject(spec['exempt'])
    ? [forbidden('spec.exempt', 'must be nil if the type is Limited')]
    : [];
  if (limited === undefined) {
    return [...more, required(path, 'must not be empty when type is Limited')];
  }
  return [
    ...more,
    ...shareErrors(limited, path),
    ...responseErrors(objectAt(limited, 'limitResponse') ?? {}, `${path}.limitResponse`),
    ...lendErrors(limited, path),
    ...notBelowZero(
      limited['borrowingLimitPercent'],
      `${path}.borrowingLimitPercent`,
      'if specified, must be a non-negative integer',
    ),
  ];
}

function shareErrors(level: JsonObject, path: string): FieldError[] {
  return notBelowZero(
    level['nominalConcurrencyShares'],
    `${path}.nominalConcurrencyShares`,
    'must be a non-negative integer',
  );
}

function lendErrors(level: JsonObject, path: string): FieldError[] {
  return between(level['lendablePercent'], `${path}.lendablePercent`, [0, 100]);
}

function notBelowZero(value: Json | undefined, path: string, why: string): FieldError[] {
  return typeof value === 'number' && value < 0 ? [invalid(path, value, why)] : [];
}

function responseErrors(response: JsonObject, path: string): FieldError[] {
  const type = textIn(response, 'type');
  const queuing = objectAt(response, 'queuing');
  const at = `${path}.queuing`;
  if (type === 'Reject' && queuing !== undefined) {
    return [forbidden(at, 'must be nil if limited.limitResponse.type is not Limited')];
  }
  if (type === 'Queue' && queuing === undefined) {
    return [required(at, 'must not be empty if limited.limitResponse.type is Limited')];
  }
  return [
    ...needed(type, `${path}.type`, ['Queue', 'Reject']),
    ...(type === 'Queue' && queuing !== undefined ? queuingErrors(queuing, at) : []),
  ];
}

function queuingErrors(queuing: JsonObject, path: string): FieldError[] {
  const queues = numberIn(queuing, 'queues');
  const length = numberIn(queuing, 'queueLengthLimit');
  return [
    ...(length <= 0 ? [invalid(`${path}.queueLengthLimit`, length, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${path}.queues`, queues, 'must be positive')] : []),
    ...(queues > mostQueues
      ? [invalid(`${path}.queues`, queues, `must not be greater than ${String(mostQueues)}`)]
      : []),
    ...handErrors(numberIn(queuing, 'handSize'), queues, `${path}.handSize`),
  ];
}

/** Each request is dealt a hand of queues by so many bits of a hash. */
function handErrors(hand: number, queues: number, path: string): FieldError[] {
  if (hand <= 0) return [invalid(path, hand, 'must be positive')];
  if (hand > queues) {
    return [invalid(path, hand, `should not be greater than queues (${String(queues)})`)];
  }
  if (Math.ceil(Math.log2(queues) * hand) <= mostBits) return [];
  const why = `required entropy bits of deckSize ${String(queues)} and handSize ${String(hand)} should not be greater than ${String(mostBits)}`;
  return [invalid(path, hand, why)];
}
