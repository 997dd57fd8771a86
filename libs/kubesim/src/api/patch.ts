import { ApiError, badRequestError, conflictError, invalidError } from '../errors/api-error.ts';
import { invalid } from '../errors/field-error.ts';
import type { Target } from '../cluster/target.ts';
import { isObject, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyPatch } from '../merge/apply.ts';
import { jsonPatch } from '../merge/json-patch.ts';
import { mergePatch } from '../merge/merge-patch.ts';
import type { PatchResult } from '../merge/patch-result.ts';
import { strategicMergePatch } from '../merge/strategic-merge-patch.ts';
import { parseJson } from '../schema/parse-json.ts';
import { resetFieldsOf, schemasOf, withFieldsOf } from '../cluster/served-version.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchName, matchNamespace } from './objects.ts';
import { writeQuery } from './options.ts';
import type { WriteQuery } from './options.ts';
import { patchedText } from './patched-text.ts';
import { presentObject } from './present.ts';
import { checkPatchedKind, readApplied, readTyped, readYaml } from './read-body.ts';
import type { Body } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

const patchTypes = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const;

type PatchType = (typeof patchTypes)[keyof typeof patchTypes];

/** One PATCH of an object, of its own or through a subresource that shows the same object. */
export async function patchObject(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const body = await exchange.body();
  const type = patchType(target, body);
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'PatchOptions', { userAgent, isApply: type === 'apply' });
  const read = (live: KubeObject | undefined): KubeObject => {
    const found =
      type === 'apply'
        ? applied(state, target, { body, query, live })
        : patched(state, target, { body, query, live, type });
    refuseForeign(target, found.object, live);
    found.warnings.forEach((warning) => exchange.warn(warning));
    return found.object;
  };
  const options = writeOptionsOf(exchange, query, 'PatchOptions');
  const updated = await state.writer.updateReviewed(
    target,
    {
      from: read,
      ...(type === 'apply' && target.subresource === '' ? { create: () => read(undefined) } : {}),
    },
    options,
  );
  const shown = presentObject(state, target.resource, updated.object, exchange);
  exchange.answer(updated.created ? 201 : 200, shown);
}

/** To name another UID is to change it, unlike in a PUT, where it asks for the object that has it. The causes come twice. */
function refuseForeign(
  { resource, name }: Target,
  { metadata }: KubeObject,
  live: KubeObject | undefined,
): void {
  const { uid = '' } = metadata;
  if (live === undefined || uid === '' || uid === live.metadata.uid) return;
  const cause = invalid('metadata.uid', uid, 'field is immutable');
  throw invalidError(resource, name, [cause, cause]);
}

interface Patching {
  readonly body: Body;
  readonly query: WriteQuery;
  readonly live: KubeObject | undefined;
}

interface Patched {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

function patched(
  state: ServerState,
  target: Target,
  { body, query, live, type }: Patching & { readonly type: Exclude<PatchType, 'apply'> },
): Patched {
  if (live === undefined) throw badRequestError('nothing to patch');
  const kind = bodyKind(state, target);
  const patch = parsePatch(body.text, type);
  const result = patchers[type](live, patch, state, target);
  if (!result.ok) throw refusedPatch(result);
  const tree = isObject(result.value) ? result.value : {};
  // Objects of custom kinds have no Go type: they are maps, written in order.
  const typed = kind.rules?.custom === undefined ? target.resource.schema : undefined;
  const shown = () => patchedText(tree, live, typed);
  const read = asInvalid(shown, type, () => {
    // A strategic patch is applied to the Go type, whose kind is not its own to say.
    if (kind.rules?.custom === undefined && type !== 'strategic') checkPatchedKind(tree, kind);
    return readTyped(tree, kind, { validation: query.fieldValidation, duplicates: [] });
  });
  matchNamespace(target, read.object);
  matchName(target, read.object);
  const options = { manager: query.fieldManager, dryRun: query.dryRun };
  return { object: state.writer.own(target, read.object, live, options), warnings: read.warnings };
}

const patchers = {
  json: (live: JsonObject, patch: Json) => jsonPatch(live, patch),
  merge: (live: JsonObject, patch: Json) => mergePatch(live, patch),
  strategic: (live: JsonObject, patch: Json, _: ServerState, { resource }: Target) =>
    strategicMergePatch(live, patch, resource.schema),
};

function applied(state: ServerState, target: Target, { body, query, live }: Patching): Patched {
  const { resource, subresource } = target;
  const kind = bodyKind(state, target);
  const given = readYaml(body.text);
  if (given !== null && !isObject(given)) {
    throw badRequestError(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ' +
        `${Array.isArray(given) ? 'array' : typeof given} into Go value of type map[string]interface {}`,
    );
  }
  checkApplied(target, given ?? {});
  const uid = textAt(given, 'metadata', 'uid');
  if (live === undefined && uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflictError(resource, target.name, why);
  }
  const rules = state.registry.rulesOf(resource);
  const result = applyPatch({
    live,
    applied: given ?? {},
    manager: query.fieldManager,
    force: query.force,
    subresource,
    schema: resource.schema,
    apiVersion: apiVersionOf(resource.group, resource.version),
    resetFields: resetFieldsOf(rules, subresource),
    nowMs: state.nowMs(),
    convert: withFieldsOf(resource, rules),
    schemaOf: schemasOf(resource, state.registry),
  });
  if (!result.ok) throw refusedApply(result);
  const read =
    rules.custom === undefined
      ? readTyped(result.object, kind, { validation: query.fieldValidation, duplicates: [] })
      : readApplied(result.object, kind);
  matchNamespace(target, read.object);
  matchName(target, read.object);
  return read;
}

/** Refuses what is not an object of the kind (k8s.io/apiserver/pkg/endpoints/handlers/patch.go). */
function checkApplied({ resource }: Target, given: JsonObject): void {
  const expected = apiVersionOf(resource.group, resource.version);
  const apiVersion = typeof given['apiVersion'] === 'string' ? given['apiVersion'] : '';
  const kind = typeof given['kind'] === 'string' ? given['kind'] : '';
  if (apiVersion === expected && kind === resource.kind) return;
  const shown = apiVersion === '' ? '/' : apiVersion;
  throw badRequestError(`invalid object type: ${shown}, Kind=${kind}`);
}

/** A patched object that cannot be read is the patch's fault; unknown fields in a strategic one are not told so. */
function asInvalid<T>(shown: () => string, type: PatchType, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isStrict = error instanceof ApiError && error.message.includes('strict decoding error');
    if (!(error instanceof ApiError) || (isStrict && type === 'strategic')) throw error;
    const why = error.message.replace(/^.* cannot be handled as a \S+: /, '');
    throw invalidError({ group: '', kind: '' }, '', [invalid('patch', shown(), why)]);
  }
}

/** Reads a patch. Throws 400, whose words a strategic patch has from another place than the others. */
export function parsePatch(text: string, type: Exclude<PatchType, 'apply'>): Json {
  const parsed = parseJson(text);
  if (parsed.ok) return parsed.value;
  throw badRequestError(`${type === 'strategic' ? '' : 'error decoding patch: '}${parsed.message}`);
}

/** The Status of a patch that cannot be applied. */
export function refusedPatch({ code, message }: Extract<PatchResult, { ok: false }>): ApiError {
  const reasons: Readonly<Record<number, string>> = {
    400: 'BadRequest',
    413: 'RequestEntityTooLarge',
    422: 'Invalid',
  };
  const reason = reasons[code];
  return new ApiError(message, {
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(code === 422 ? { details: {} } : {}),
  });
}

function refusedApply(result: Exclude<ReturnType<typeof applyPatch>, { ok: true }>): ApiError {
  if ('invalid' in result) {
    return result.code === 400
      ? badRequestError(result.invalid)
      : new ApiError(result.invalid, { code: 500 });
  }
  return new ApiError(result.message, {
    code: 409,
    reason: 'Conflict',
    details: {
      causes: result.conflicts.map(({ manager, field }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${manager}`,
        field,
      })),
    },
  });
}

function patchType(target: Target, body: Body): PatchType {
  const { type } = body;
  const known = Object.hasOwn(patchTypes, type) ? patchTypes[type as keyof typeof patchTypes] : undefined;
  if (known === undefined) {
    throw new ApiError('415: Unsupported Media Type', {
      code: 415,
      reason: 'UnsupportedMediaType',
      details: {},
    });
  }
  refuseStrategic(target, body);
  return known;
}

/** Throws 415 about a strategic patch of a custom kind, which has no Go type that says how to merge. */
export function refuseStrategic({ resource }: Target, { type }: Body): void {
  if (type !== 'application/strategic-merge-patch+json' || !resource.custom) return;
  throw new ApiError(
    'the body of the request was in an unknown format - accepted media types include: ' +
      'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    { code: 415, reason: 'UnsupportedMediaType' },
  );
}
