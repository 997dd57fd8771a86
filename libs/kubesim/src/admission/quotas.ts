import { canonicalQuantity, parseQuantity } from '@meridian/cel';
import { forbiddenError } from '../errors/api-error.ts';
import type { ApiError } from '../errors/api-error.ts';
import { draftOf, isObject, itemsAt, objectAt, textAt, textsAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Amounts } from './amounts.ts';
import { groupResource } from '../schema/resource.ts';
import type { Admission } from './admit.ts';
import { isInScope } from './quota-scope.ts';
import { quotaCountOf } from './quota-usage.ts';

/**
 * ResourceQuota: what an object uses is counted before it is stored. @returns the quotas of its namespace with what is used
 * then. Throws 403 when that is more than one allows; what is only tried is refused as well, but not counted.
 */
export function chargedQuotas(admission: Admission): readonly KubeObject[] {
  const { target, context, old } = admission;
  const resource = groupResource(target.resource.storage);
  const count = quotaCountOf(resource);
  const passes = target.subresource !== '' || (old !== undefined && !count.countsChanges);
  if (passes || !target.resource.namespaced) return [];
  const quotas = context
    .lookupAll('resourcequotas', target.namespace)
    .filter((quota) => isInScope(quota, resource, admission.draft))
    .flatMap((quota) => charged(admission, quota, resource));
  return context.dryRun ? [] : quotas;
}

function charged(admission: Admission, quota: KubeObject, resource: string): readonly KubeObject[] {
  const { draft, old } = admission;
  const count = quotaCountOf(resource);
  const usage = count.usage(draft);
  const hard = textsAt(quota, 'status', 'hard');
  const watched = Object.keys(hard).filter((name) => isCounted(name, usage, resource));
  if (resource === 'pods') refuseUnstated(admission, quota, watched);
  const used = textsAt(quota, 'status', 'used');
  if (watched.some((name) => used[name] === undefined)) {
    const why = `status unknown for quota: ${quota.metadata.name ?? ''}, resources: ${watched.toSorted().join(',')}`;
    throw refusal(admission, why);
  }
  const before = old === undefined ? undefined : count.usage(old);
  const more = watched.flatMap((name) => {
    const delta = (usage.get(name) ?? 0n) - (before?.get(name) ?? 0n);
    return delta > 0n ? [[name, delta] as const] : [];
  });
  if (more.length === 0) return [];
  const exceeded = more.filter(([name, delta]) => nanoOf(used[name]) + delta > nanoOf(hard[name]));
  if (exceeded.length > 0) throw refusal(admission, exceededText(quota, exceeded, { used, hard }));
  return [withUsed(quota, more)];
}

function exceededText(
  quota: KubeObject,
  exceeded: readonly (readonly [string, bigint])[],
  { used, hard }: { readonly used: Record<string, string>; readonly hard: Record<string, string> },
): string {
  const listed = (amount: (name: string, delta: bigint) => string) =>
    exceeded
      .map(([name, delta]) => `${name}=${amount(name, delta)}`)
      .toSorted()
      .join(',');
  const asked = listed((name, nano) => canonicalQuantity({ nano, family: familyOf(name, hard) }));
  return (
    `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${asked}, ` +
    `used: ${listed((name) => used[name] ?? '0')}, limited: ${listed((name) => hard[name] ?? '0')}`
  );
}

function withUsed(quota: KubeObject, more: readonly (readonly [string, bigint])[]): KubeObject {
  const draft = draftOf(quota);
  const used = textsAt(quota, 'status', 'used');
  for (const [name, delta] of more) {
    const nano = nanoOf(used[name]) + delta;
    used[name] = canonicalQuantity({ nano, family: familyOf(name, used) });
  }
  draft['status'] = { ...objectAt(draft, 'status'), used };
  return draft;
}

function familyOf(name: string, amounts: Record<string, string>): 'binary' | 'decimal' | 'exponent' {
  const known = parseQuantity(amounts[name] ?? '0')?.family ?? 'decimal';
  return known === 'decimal' && /memory|storage/.test(name) ? 'binary' : known;
}

/** Quotas of what pods ask for count every pod, also one that asks for nothing. */
function isCounted(name: string, usage: Amounts, resource: string): boolean {
  if (usage.has(name)) return true;
  return (
    resource === 'pods' && (ownNames.includes(name) || /^(requests|limits)\./.test(name)) && name !== storage
  );
}

const storage = 'requests.storage';
const ownNames = ['cpu', 'memory', 'ephemeral-storage'];
const mustBeStated = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** Where a quota limits CPU or memory, every container has to say how much it wants. */
function refuseUnstated(admission: Admission, quota: KubeObject, watched: readonly string[]): void {
  const spec = objectAt(admission.draft, 'spec') ?? {};
  if (isObject(spec['resources'])) return;
  const containers = [...itemsAt(spec, 'containers'), ...itemsAt(spec, 'initContainers')];
  const unstated = watched
    .filter((name) => mustBeStated.includes(name))
    .toSorted()
    .flatMap((name) => {
      const [field, resource] = name.includes('.') ? name.split('.') : ['requests', name];
      const silent = containers.filter(
        (container) => objectAt(container, 'resources', field ?? '')?.[resource ?? ''] === undefined,
      );
      const names = silent.map((container) => textAt(container, 'name') ?? '').toSorted();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    });
  if (unstated.length === 0) return;
  throw refusal(admission, `failed quota: ${quota.metadata.name ?? ''}: must specify ${unstated.join('; ')}`);
}

function nanoOf(amount: string | undefined): bigint {
  return parseQuantity(amount ?? '0')?.nano ?? 0n;
}

function refusal({ target, draft }: Admission, why: string): ApiError {
  return forbiddenError(target.resource, draft.metadata.name ?? '', why);
}
