import { canonicalQuantity, parseQuantity } from '@meridian/cel';
import { forbiddenError } from '../errors/api-error.ts';
import { isObject, itemsAt, objectAt, textAt, textsAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { amountsOf } from './amounts.ts';
import type { Amounts } from './amounts.ts';
import { groupResource } from '../schema/resource.ts';
import type { Admission } from './admit.ts';
import { podTotal } from './quota-usage.ts';

const annotation = 'kubernetes.io/limit-ranger';

/** LimitRanger, first half: containers get what their namespace's ranges say they should ask for. */
export function defaultLimits({ draft, old, target, context }: Admission): void {
  if (old !== undefined) return;
  for (const range of context.lookupAll('limitranges', target.namespace)) {
    const told = limitsOf(range, 'Container');
    const defaults = {
      requests: Object.assign({}, ...told.map((limit) => textsAt(limit, 'defaultRequest'))) as Texts,
      limits: Object.assign({}, ...told.map((limit) => textsAt(limit, 'default'))) as Texts,
    };
    const set = [
      ...itemsAt(draft, 'spec', 'containers').flatMap((one) => fillContainer(one, defaults, 'container')),
      ...itemsAt(draft, 'spec', 'initContainers').flatMap((one) =>
        fillContainer(one, defaults, 'init container'),
      ),
    ];
    if (set.length === 0) continue;
    const note = `LimitRanger plugin set: ${set.join('; ')}`;
    draft.metadata.annotations = { ...draft.metadata.annotations, [annotation]: note };
  }
}

type Texts = Readonly<Record<string, string>>;

function limitsOf(range: KubeObject, type: string): readonly JsonObject[] {
  return itemsAt(range, 'spec', 'limits')
    .filter(isObject)
    .filter((limit) => limit['type'] === type);
}

function fillContainer(
  container: Json,
  defaults: { readonly requests: Texts; readonly limits: Texts },
  what: string,
): string[] {
  if (!isObject(container)) return [];
  const resources = { ...objectAt(container, 'resources') };
  const set = (['requests', 'limits'] as const).flatMap((field) => {
    const given = textsAt(resources, field);
    const added = Object.keys(defaults[field]).filter((name) => given[name] === undefined);
    if (added.length === 0) return [];
    resources[field] = {
      ...Object.fromEntries(added.map((name) => [name, defaults[field][name]])),
      ...given,
    };
    const word = field === 'requests' ? 'request' : 'limit';
    return [`${added.toSorted().join(', ')} ${word} for ${what} ${textAt(container, 'name') ?? ''}`];
  });
  if (set.length > 0) container['resources'] = resources;
  return set;
}

/** LimitRanger, second half: refuses pods and claims that are out of bounds. Throws 403. */
export function checkLimits({ draft, old, target, context }: Admission): void {
  const isPod = groupResource(target.resource.storage) === 'pods';
  if ((isPod && old !== undefined) || old?.metadata.deletionTimestamp !== undefined) return;
  const problemsOf = isPod ? podProblems : claimProblems;
  for (const range of context.lookupAll('limitranges', target.namespace)) {
    const problems = [...new Set(problemsOf(range, draft))];
    if (problems.length === 0) continue;
    const why = problems.length === 1 ? problems.join() : `[${problems.join(', ')}]`;
    throw forbiddenError(target.resource, draft.metadata.name ?? '', why);
  }
}

interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function podProblems(range: KubeObject, pod: KubeObject): string[] {
  const containers = [...itemsAt(pod, 'spec', 'containers'), ...itemsAt(pod, 'spec', 'initContainers')];
  return itemsAt(range, 'spec', 'limits')
    .filter(isObject)
    .flatMap((limit) => {
      const type = textAt(limit, 'type');
      if (type === 'Container') return containers.flatMap((one) => boundProblems(limit, askedBy(one), type));
      const whole = { requests: podTotal(pod, 'requests'), limits: podTotal(pod, 'limits') };
      return type === 'Pod' ? boundProblems(limit, whole, type) : [];
    });
}

function askedBy(container: Json): Asked {
  return {
    requests: amountsOf(objectAt(container, 'resources', 'requests')),
    limits: amountsOf(objectAt(container, 'resources', 'limits')),
  };
}

function claimProblems(range: KubeObject, claim: KubeObject): string[] {
  const type = 'PersistentVolumeClaim';
  const requests = amountsOf(objectAt(claim, 'spec', 'resources', 'requests'));
  return limitsOf(range, type).flatMap((limit) => [
    ...each(limit, 'min', (bound) => leastProblem(bound, { requests, limits: new Map() }, type)),
    ...each(limit, 'max', (bound) => {
      const asked = requests.get(bound.name);
      const start = `maximum ${bound.name} usage per ${type} is ${bound.text}`;
      if (asked === undefined) return `${start}.  No request is specified`;
      return asked > bound.nano ? `${start}, but request is ${shown(asked, bound)}` : undefined;
    }),
  ]);
}

interface Bound {
  readonly name: string;
  readonly text: string;
  readonly nano: bigint;
}

function each(limit: JsonObject, field: string, problem: (bound: Bound) => string | undefined): string[] {
  return Object.entries(textsAt(limit, field)).flatMap(([name, text]) => {
    const found = problem({ name, text, nano: parseQuantity(text)?.nano ?? 0n });
    return found === undefined ? [] : [found];
  });
}

function boundProblems(limit: JsonObject, asked: Asked, type: string): string[] {
  return [
    ...each(limit, 'min', (bound) => leastProblem(bound, asked, type)),
    ...each(limit, 'max', (bound) => mostProblem(bound, asked, type)),
    ...each(limit, 'maxLimitRequestRatio', (bound) => ratioProblem(bound, asked, type)),
  ];
}

function leastProblem(bound: Bound, asked: Asked, type: string): string | undefined {
  const [request, limit] = [asked.requests.get(bound.name), asked.limits.get(bound.name)];
  const start = `minimum ${bound.name} usage per ${type} is ${bound.text}`;
  if (request === undefined) return `${start}.  No request is specified`;
  if (request < bound.nano) return `${start}, but request is ${shown(request, bound)}`;
  return limit !== undefined && limit < bound.nano
    ? `${start}, but limit is ${shown(limit, bound)}`
    : undefined;
}

function mostProblem(bound: Bound, asked: Asked, type: string): string | undefined {
  const [request, limit] = [asked.requests.get(bound.name), asked.limits.get(bound.name)];
  const start = `maximum ${bound.name} usage per ${type} is ${bound.text}`;
  if (limit === undefined) return `${start}.  No limit is specified`;
  if (limit > bound.nano) return `${start}, but limit is ${shown(limit, bound)}`;
  return request !== undefined && request > bound.nano
    ? `${start}, but request is ${shown(request, bound)}`
    : undefined;
}

function ratioProblem(bound: Bound, asked: Asked, type: string): string | undefined {
  const [request, limit] = [asked.requests.get(bound.name) ?? 0n, asked.limits.get(bound.name) ?? 0n];
  const start = `${bound.name} max limit to request ratio per ${type} is ${bound.text}, but`;
  if (request === 0n) return `${start} no request is specified or request is 0`;
  if (limit === 0n) return `${start} no limit is specified or limit is 0`;
  const ratio = Number(limit) / Number(request);
  return ratio > Number(bound.nano) / 1e9 ? `${start} provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function shown(nano: bigint, { name }: Bound): string {
  return canonicalQuantity({ nano, family: name === 'cpu' ? 'decimal' : 'binary' });
}
