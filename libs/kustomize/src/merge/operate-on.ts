import type { Place, Profile } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { plainOf, UnwritableError } from '../values/plain.ts';
import { fieldOf, isFields, isList, valueAt, withField, type Fields, type Value } from '../values/value.ts';
import { isContainer, OperationProblem, type Container } from './json-document.ts';
import { applyOperations, type Operation } from './json-patch.ts';
import { hasLostNotes, memoryOf, withMemory, withoutEntries } from './memory.ts';
import { withTexts } from './metadata-texts.ts';
import { afterJson } from './through-json.ts';

/** A JSON patch and where it is asked for. */
export interface OperationRequest {
  readonly operations: readonly Operation[];
  readonly profile: Profile;
  readonly place: Place;
}

/**
 * Applies a JSON patch to a resource (filters/patchjson6902). The object goes through JSON, its annotations become texts,
 * and everything may change, its name and kind included; what kustomize remembers of it stays.
 */
export function operatedOn(resource: Resource, request: OperationRequest): Resource {
  const memory = meetsMemory(resource, request.operations) ? memoryOf(resource) : nothing;
  const fields = patchedFields(resource, request, memory);
  const cleaned = withTexts(withoutEntries(withMetadata(fields), memory), 'annotations');
  const patched = withFields(resource, cleaned);
  if (!hasLostNotes(fields, memory)) return patched;
  const { notes: _, ...rest } = patched;
  return rest;
}

const nothing: ReadonlyMap<string, string> = new Map();

/** Whether operations could come upon what is remembered: most work on other fields. */
function meetsMemory({ fields }: Resource, operations: readonly Operation[]): boolean {
  if (valueAt(fields, ['metadata', 'annotations']) !== undefined) return true;
  return operations.some(
    ({ path, from }) => isAboutMetadata(path) || (from !== undefined && isAboutMetadata(from)),
  );
}

function isAboutMetadata(pointer: Operation['path']): boolean {
  return typeof pointer !== 'string' || !/^\/(?!metadata(?:\/|$))/.test(pointer);
}

function withMetadata(fields: Fields): Fields {
  return fieldOf(fields, 'metadata') === undefined ? withField(fields, 'metadata', {}) : fields;
}

function patchedFields(
  resource: Resource,
  { operations, profile, place }: OperationRequest,
  memory: ReadonlyMap<string, string>,
): Fields {
  const problem = (message: string, fix: string): never =>
    refuse({ ...place, message: `the JSON patch cannot change ${idText(idOf(resource))}: ${message}`, fix });
  try {
    const document = withMemory(documentOf(resource), memory);
    const after = afterJson(applyOperations(document, operations, profile));
    if (hasUnpairedNotes(after))
      return problem('it leaves a list of annotations, on which kustomize crashes', 'write a mapping');
    return isFields(after) ? after : problem('it leaves a list', 'let it leave an object');
  } catch (error) {
    if (error instanceof OperationProblem) return problem(error.message, 'correct the operation');
    if (error instanceof UnwritableError)
      return problem(`${error.path.join('.')}: ${error.message}`, error.fix);
    throw error;
  }
}

/** Annotations in a list are read as keys and values that take turns. */
function hasUnpairedNotes(after: Value): boolean {
  const annotations = valueAt(after, ['metadata', 'annotations']);
  return isList(annotations) && annotations.length % 2 === 1;
}

function documentOf({ fields }: Resource): Container {
  const plain = plainOf(fields);
  return isContainer(plain) ? plain : {};
}
