import type { Place, Resources, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { idKey, idText } from '../resources/id.ts';
import { allIdsOf, hasOrHadName, idOf, withFields, type Resource } from '../resources/resource.ts';
import { bareText } from '../values/plain.ts';
import { noteUntagged } from '../values/quote-marks.ts';
import { isQuoted } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isScalar,
  scalarTextAt,
  textOf,
  withField,
  withoutField,
  type AnyScalar,
  type Fields,
} from '../values/value.ts';
import { mergedInto, type MergeRequest } from './merge-into.ts';
import { withTexts } from './metadata-texts.ts';

/**
 * The one resource that has or had the id of a patch; none or several are refused. Undefined when a step that gets a part of
 * the objects only has none.
 */
export function targetOf(
  resources: Resources,
  patch: Resource,
  { place, isPart }: Pick<Step, 'place' | 'isPart'>,
): Resource | undefined {
  const id = idOf(patch);
  const key = idKey(id);
  const found = resources.filter(
    (each) => hasOrHadName(each, id.name) && allIdsOf(each).some((any) => idKey(any) === key),
  );
  const [only] = found;
  if (found.length === 1 || (isPart && !only)) return only;
  return refuse({
    ...place,
    message: `the patch for ${idText(id)} fits ${only ? `${found.length} objects` : 'no object'}`,
    fix: only ? 'name one of them by a target' : `check the patch: ${nearest(resources, patch)}`,
  });
}

/** What is there instead of the object that a patch is for. */
function nearest(resources: Resources, patch: Resource): string {
  const { kind, name } = idOf(patch);
  const same = resources.map(idOf).filter((id) => id.name === name && id.kind === kind);
  const close = same.length > 0 ? same : resources.map(idOf).filter((id) => id.kind === kind);
  if (close.length === 0) return `no ${kind} is there`;
  const shown = close.slice(0, 3).map((id) => {
    const apiVersion = id.group === '' ? id.version : `${id.group}/${id.version}`;
    return `${idText(id)} (${apiVersion})`;
  });
  return `there is ${shown.join(', ')}${close.length > 3 ? ' and more' : ''}`;
}

/** Patches of one entry, each for the object with its id. */
export interface ById {
  readonly requests: readonly (MergeRequest & { readonly source: Resource })[];
  readonly step: Pick<Step, 'profile' | 'place' | 'isPart' | 'visit'>;
}

/** Merges every patch into the resource with its id (PatchTransformer without a target). */
export function mergeById(resources: Resources, { requests, step }: ById): Resources {
  const { profile, place, visit } = step;
  let after = resources;
  let isDeleted = false;
  for (const request of requests) {
    if (isDeleted && profile === '5.5')
      refuse({
        ...place,
        message: 'a patch follows one that deletes an object, on which kustomize 5.5 crashes',
        fix: 'put the deletion last or into an entry of its own',
      });
    visit(after.length);
    const target = targetOf(after, request.source, step);
    if (!target) continue;
    const merged = mergedInto(target, request);
    isDeleted = merged === undefined;
    after = replaced(after, target, merged);
  }
  return after;
}

function replaced(resources: Resources, old: Resource, next: Resource | undefined): Resources {
  if (next === old) return resources;
  return next
    ? resources.map((each) => (each === old ? next : each))
    : resources.filter((each) => each !== old);
}

/**
 * Merges one patch into all resources that are chosen (resmap ApplySmPatch). Its labels and annotations are texts, null
 * included, its apiVersion is that of the object, and no two resources may have one id afterwards.
 */
export function mergeIntoChosen(
  resources: Resources,
  chosen: ReadonlySet<Resource>,
  request: MergeRequest,
): Resources {
  const patch = withBareIdentity(withTexts(withTexts(request.patch, 'labels'), 'annotations'));
  const merged = resources.flatMap((each) =>
    chosen.has(each) ? mergedOne(each, { ...request, patch }) : [each],
  );
  checkDistinct(merged, request.place);
  const isSame =
    merged.length === resources.length && merged.every((each, index) => each === resources[index]);
  return isSame ? resources : merged;
}

/** Upstream sets name and kind of each copy of the patch to the texts that they are, without a tag. */
function withBareIdentity(patch: Fields): Fields {
  const metadata = fieldOf(patch, 'metadata');
  const named = isFields(metadata) ? withField(patch, 'metadata', withBare(metadata, 'name')) : patch;
  return withBare(named, 'kind');
}

function withBare(fields: Fields, key: string): Fields {
  const text = scalarTextAt(fields, [key]);
  return text === '' ? fields : withField(fields, key, bareText(text));
}

function mergedOne(resource: Resource, request: MergeRequest): readonly Resource[] {
  const apiVersion = fieldOf(resource.fields, 'apiVersion');
  if (apiVersion !== undefined && !isScalar(apiVersion))
    refuse({
      ...request.place,
      message: `the apiVersion of ${idText(idOf(resource))} is no text`,
      fix: 'correct the patch that sets it',
    });
  const text = apiVersion === undefined ? '' : versionText(apiVersion);
  const merged = mergedInto(resource, { ...request, patch: forVersion(request.patch, text) });
  if (!merged) return [];
  // An object that a patch wants to replace stays as it is.
  if (scalarTextAt(request.patch, ['$patch']) === 'replace') return [merged];
  const named = withUntaggedNames(merged.fields, request);
  if (text !== '') return [withFields(merged, withUntagged(named, 'apiVersion'))];
  // Upstream gives the patch, too, the group and version that it did not find, and writes them.
  const written = isQuoted(resource.fields, 'apiVersion') ? '' : nothing;
  return [withFields(merged, withField(named, 'apiVersion', written))];
}

/** Kind and name as the patch sets them, where it may. */
function withUntaggedNames(merged: Fields, { patch, allowsKind, allowsName }: MergeRequest): Fields {
  const fields = allowsKind && scalarTextAt(patch, ['kind']) !== '' ? withUntagged(merged, 'kind') : merged;
  const metadata = fieldOf(fields, 'metadata');
  if (!allowsName || !isFields(metadata) || scalarTextAt(patch, ['metadata', 'name']) === '') return fields;
  return withField(fields, 'metadata', withUntagged(metadata, 'name'));
}

/** What kustomize takes a version for: a group without a name is none. */
function versionText(apiVersion: AnyScalar): string {
  return textOf(apiVersion).replace(/^\//, '');
}

/** The patch sets a field without a tag: what is written over it later is what it looks like. */
function withUntagged(fields: Fields, key: string): Fields {
  if (!Object.hasOwn(fields, key) || isQuoted(fields, key)) return fields;
  const untagged = { ...fields };
  noteUntagged(untagged, key, true);
  return untagged;
}

/** An empty text without quotes and tag, which is written as null. */
const nothing = bareText('');

/** The patch sets the text that is there, a null that is written as a word included, without a tag. */
function forVersion(patch: Fields, text: string): Fields {
  return text === '' ? withoutField(patch, 'apiVersion') : withField(patch, 'apiVersion', bareText(text));
}

function checkDistinct(resources: Resources, place: Place): void {
  const seen = new Set<string>();
  for (const resource of resources) {
    const key = idKey(idOf(resource));
    if (seen.has(key))
      refuse({
        ...place,
        message: `after the patch there are two objects ${idText(idOf(resource))}`,
        fix: 'let the patch leave distinct names',
      });
    seen.add(key);
  }
}
