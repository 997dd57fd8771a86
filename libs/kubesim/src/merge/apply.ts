import { isObject, jsonEqual, memberOf, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiTime, kindOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import {
  difference,
  hasPath,
  isEmptySet,
  pathsOf,
  recursiveDifference,
  showPath,
  union,
} from './field-set.ts';
import type { FieldPath, FieldSet } from './field-set.ts';
import { fieldsLastApplied, withLastApplied } from './last-applied.ts';
import { emptyObject } from './managed-fields.ts';
import { identityOf, idOf, ownersOf, showManager, withoutOwners, withOwner, withOwners } from './managers.ts';
import type { Owner, Owners } from './managers.ts';
import { layOver } from './merge-objects.ts';
import { impactOf, ownersAfterUpdate, presentOwners, withoutStripped } from './ownership.ts';
import type { Impact, VersionedType } from './ownership.ts';
import { pruned } from './prune.ts';
import { typeErrors } from './type-errors.ts';
import { UntypedObject } from './typed.ts';
import { fieldSetOf } from './typed-field-set.ts';

/** A server-side apply. The live object is in the version of the request. */
export interface ApplyRequest extends VersionedType {
  /** The object before the apply, undefined when it is created. */
  readonly live: KubeObject | undefined;
  readonly applied: JsonObject;
  readonly manager: string;
  /** Whether to take fields from those who own them. */
  readonly force: boolean;
  /** The subresource written through; empty for the object itself. */
  readonly subresource: string;
  readonly nowMs: number;
}

/** A field that somebody else owns and that the apply would change. */
export interface ApplyConflict {
  /** The owner as messages name it: `"hand" using apps/v1`. */
  readonly manager: string;
  /** `.spec.replicas` */
  readonly field: string;
}

/** What became of an apply: the object, not defaulted; conflicts (409); or why it cannot be merged, with the code. */
export type ApplyResult =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly conflicts: readonly ApplyConflict[]; readonly message: string }
  | { readonly ok: false; readonly invalid: string; readonly code: 400 | 500 };

/** Applies what a manager says to an object, as the API server does (sigs.k8s.io/structured-merge-diff). */
export function applyPatch(request: ApplyRequest): ApplyResult {
  const refused = refusal(request.applied, request.apiVersion);
  if (refused !== undefined) return { ok: false, invalid: refused, code: 400 };
  try {
    return applied(request);
  } catch (error) {
    if (error instanceof UntypedObject) return { ok: false, invalid: error.message, code: 500 };
    throw error;
  }
}

function refusal(said: JsonObject, apiVersion: string): string | undefined {
  const version = textAt(said, 'apiVersion') ?? '';
  const kind = textAt(said, 'kind') ?? '';
  if (version !== apiVersion || kind === '') return `invalid object type: ${showKind(version, kind)}`;
  const { metadata } = said;
  const entries = isObject(metadata) ? (memberOf(metadata, 'managedFields') ?? null) : null;
  return entries === null ? undefined : 'metadata.managedFields must be nil';
}

function showKind(apiVersion: string, kind: string): string {
  const { group, version } = kindOf(apiVersion, kind);
  return `${group}/${version}, Kind=${kind}`;
}

/** An apply that is ready to be merged. */
interface Attempt {
  readonly request: ApplyRequest;
  readonly live: KubeObject;
  readonly owners: Owners;
  /** What the manager owns by what it says. */
  readonly set: FieldSet;
}

function applied(request: ApplyRequest): ApplyResult {
  const attempt = prepared(request);
  const merged = merge(attempt);
  const conflicts = request.force ? [] : refusedConflicts(attempt, merged.impact);
  return conflicts.length > 0 ? conflicting(conflicts) : { ok: true, object: finished(attempt, merged) };
}

function prepared(request: ApplyRequest): Attempt {
  const { applied: said, apiVersion, schema } = request;
  const kind = textAt(said, 'kind') ?? '';
  const fresh = emptyObject({ apiVersion, kind, metadata: {} }, request);
  const live = request.live === undefined ? fresh : withoutOwners(request.live);
  checkTypes('patch', said, schema, 'refused');
  checkTypes('live', live, schema, 'allowed');
  const set = fieldSetOf(said, schema);
  return {
    request,
    live,
    owners: ownersBefore(request, fresh),
    set: request.resetFields === undefined ? set : recursiveDifference(set, request.resetFields),
  };
}

function checkTypes(
  what: 'patch' | 'live',
  object: JsonObject,
  schema: VersionedType['schema'],
  duplicates: 'allowed' | 'refused',
): void {
  const errors = typeErrors(object, schema, duplicates);
  if (errors === undefined) return;
  const name = `${textAt(object, 'metadata', 'namespace') ?? ''}/${textAt(object, 'metadata', 'name') ?? ''}`;
  const kind = showKind(textAt(object, 'apiVersion') ?? '', textAt(object, 'kind') ?? '');
  throw new UntypedObject(`failed to create typed ${what} object (${name}; ${kind}): ${errors}`);
}

/** An object that nobody's fields are tracked of belongs, as it is, to those who wrote it before. */
function ownersBefore(request: ApplyRequest, fresh: KubeObject): Owners {
  const { live, subresource, nowMs } = request;
  const owners = ownersOf(live?.metadata['managedFields']);
  if (owners === undefined) throw new UntypedObject('failed to decode managed fields');
  if (live === undefined || owners.size > 0) return owners;
  const context = { type: request, manager: 'before-first-apply', subresource, time: apiTime(nowMs) };
  return ownersAfterUpdate(fresh, withoutOwners(live), owners, context);
}

interface Merged {
  readonly object: KubeObject;
  /** The manager's entry; its time is that of its last apply. */
  readonly owner: Owner;
  readonly impact: Impact;
}

function merge({ request, live, owners, set }: Attempt): Merged {
  const { apiVersion } = request;
  const identity = identityOf(request.manager, 'Apply', apiVersion, request.subresource);
  const id = idOf(identity);
  const present = presentOwners(live, owners, request);
  const last = present.get(id);
  const owner: Owner = { identity, set, apiVersion, time: owners.get(id)?.time };
  const next = new Map(present).set(id, owner);
  const object = pruned(overlaid(live, request), last, next, request);
  return { object, owner, impact: impactOf(live, object, next, { type: request, writer: id }) };
}

function overlaid(live: KubeObject, { applied: said, schema }: ApplyRequest): KubeObject {
  const fields = layOver(live, said, schema);
  const { apiVersion, kind } = live;
  const metadata: Json | undefined = isObject(fields) ? fields['metadata'] : undefined;
  return {
    ...(isObject(fields) ? fields : {}),
    apiVersion,
    kind,
    metadata: isObject(metadata) ? metadata : {},
  };
}

interface FoundConflict {
  readonly owner: Owner;
  readonly path: FieldPath;
}

/** The conflicts that refuse an apply: all but those that kubectl has with its own past. */
function refusedConflicts({ request, live }: Attempt, { conflicts }: Impact): FoundConflict[] {
  const found = conflicts.flatMap(({ owner, set }) => pathsOf(set).map((path) => ({ owner, path })));
  if (request.manager !== 'kubectl' || found.length === 0) return found;
  const own = fieldsLastApplied(live, request);
  const others = conflicts.map(({ set }) => set).reduce(union);
  if (isEmptySet(difference(others, own))) return [];
  return found.filter(({ path }) => !hasPath(own, path));
}

function conflicting(found: readonly FoundConflict[]): ApplyResult {
  const byId = new Map<string, { manager: string; fields: string[] }>();
  for (const { owner, path } of found) {
    const id = idOf(owner.identity);
    const known = byId.get(id) ?? { manager: showManager(owner.identity), fields: [] };
    known.fields.push(showPath(path));
    byId.set(id, known);
  }
  const sorted = [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const conflicts = sorted.flatMap(({ manager, fields }) => fields.map((field) => ({ manager, field })));
  return { ok: false, conflicts, message: conflictMessage(sorted, conflicts) };
}

function conflictMessage(
  groups: readonly { readonly manager: string; readonly fields: readonly string[] }[],
  conflicts: readonly ApplyConflict[],
): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  }
  const lines = groups.flatMap(({ manager, fields }) => [
    `conflicts with ${manager}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  return `Apply failed with ${String(conflicts.length)} conflicts: ${lines.join('\n')}`;
}

/** An apply that changes nothing leaves the object and the time of its manager as they were. */
function finished({ request, live }: Attempt, { object, owner, impact }: Merged): KubeObject {
  const isChanged = !jsonEqual(live, object);
  const time = isChanged ? apiTime(request.nowMs) : owner.time;
  const owners = withOwner(impact.owners, { ...owner, set: withoutStripped(owner.set), time });
  const result = withOwners(isChanged ? object : live, owners);
  return request.manager === 'kubectl' ? withLastApplied(result, request.applied) : result;
}
