import { goQuote } from '@meridian/cel';
import { objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Asked, Review } from '../review.ts';
import { namespaceOf } from './match-hook.ts';

/** A review in the version of the resource that a webhook asked for. */
export interface VersionedReview {
  readonly review: Review;
  readonly resource: Resource;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** What a webhook answered, when it can be understood. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** A JSON patch as text; empty for none. */
  readonly patch: string;
  readonly patchType: string;
  readonly status: JsonObject | undefined;
  readonly warnings: readonly string[];
}

/** The AdmissionReview to send (admission.k8s.io/v1). */
export function reviewObject(versioned: VersionedReview, uid: string, version: string): JsonObject {
  const { review, resource, object, old } = versioned;
  const { target, operation, dryRun, asked } = review;
  const { subresource, name } = target;
  const namespace = namespaceOf(review);
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: kindIn(resource, subresource),
      resource: { group: resource.group, version: resource.version, resource: resource.name },
      ...given('subResource', subresource),
      requestKind: kindIn(target.resource, subresource),
      requestResource: {
        group: target.resource.group,
        version: target.resource.version,
        resource: target.resource.name,
      },
      ...given('requestSubResource', subresource),
      ...given('name', name),
      ...given('namespace', namespace),
      operation,
      userInfo: userInfo(asked),
      object: object ?? null,
      oldObject: old ?? null,
      dryRun,
      options: optionsOf(review),
    },
  };
}

/** The kind of what is written: a subresource may have its own (Scale). */
function kindIn(resource: Resource, subresource: string): JsonObject {
  const { group, version, kind } = resource.subresources.find(({ name }) => name === subresource) ?? resource;
  return { group, version, kind };
}

function given(name: string, text: string): JsonObject {
  return text === '' ? {} : { [name]: text };
}

function userInfo(asked: Asked | undefined): JsonObject {
  const { name, uid = '', groups, extra = {} } = asked?.user ?? insider;
  const entries = Object.entries(extra).map(([key, values]): [string, Json] => [key, [...values]]);
  return {
    ...given('username', name),
    ...given('uid', uid),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(entries.length === 0 ? {} : { extra: Object.fromEntries(entries) }),
  };
}

/** Whom webhooks see behind what controllers write. */
const insider: Asked['user'] = {
  name: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

/** A PATCH is told as an update, or as the creation that it is. The deletion of a namespace is always that of this one. */
function optionsOf({ operation, asked, target, old }: Review): JsonObject {
  const { force: _force, ...given } = asked?.options ?? {};
  const options = { ...given, kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1' };
  if (operation !== 'DELETE' || groupResource(target.resource) !== 'namespaces') return options;
  const uid = old?.metadata.uid ?? '';
  return { ...options, preconditions: { uid, ...objectAt(options, 'preconditions') } };
}

/** Reads a webhook's answer. @returns what is wrong with it as text. */
export function readAnswer(
  answer: Json,
  { uid, version, mutating }: { readonly uid: string; readonly version: string; readonly mutating: boolean },
): ReviewAnswer | string {
  const response = objectAt(answer, 'response');
  if (response === undefined) return 'webhook response was absent';
  const wrong = version === 'v1' ? refusalOfV1(answer, response, { uid, mutating }) : undefined;
  if (wrong !== undefined) return wrong;
  const warnings = response['warnings'];
  return {
    allowed: response['allowed'] === true,
    patch: mutating ? decoded(textAt(response, 'patch')) : '',
    patchType: version === 'v1' ? (textAt(response, 'patchType') ?? '') : 'JSONPatch',
    status: objectAt(response, 'status'),
    warnings: Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === 'string') : [],
  };
}

function refusalOfV1(
  answer: Json,
  response: JsonObject,
  { uid, mutating }: { readonly uid: string; readonly mutating: boolean },
): string | undefined {
  const answered = textAt(response, 'uid') ?? '';
  if (answered !== uid) return `expected response.uid=${goQuote(uid)}, got ${goQuote(answered)}`;
  const { group, version, kind } = kindOf(textAt(answer, 'apiVersion') ?? '', textAt(answer, 'kind') ?? '');
  const found = `${group}/${version}, Kind=${kind}`;
  const wanted = 'admission.k8s.io/v1, Kind=AdmissionReview';
  if (found !== wanted) return `expected webhook response of ${wanted}, got ${found}`;
  const patch = textAt(response, 'patch') ?? '';
  const type = textAt(response, 'patchType');
  return mutating ? wrongPatch(patch, type) : unwantedPatch(patch, type);
}

function wrongPatch(patch: string, type: string | undefined): string | undefined {
  if (patch !== '' && type === undefined) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && type !== undefined) return 'webhook returned response.patchType but not response.patch';
  return type === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function unwantedPatch(patch: string, type: string | undefined): string | undefined {
  if (patch !== '') return 'validating webhook may not return response.patch';
  return type === undefined ? undefined : 'validating webhook may not return response.patchType';
}

function decoded(patch: string | undefined): string {
  return Buffer.from(patch ?? '', 'base64').toString('utf8');
}
