import { ApiError, badRequestError } from '../errors/api-error.ts';
import { draftOf, isObject, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiVersionOf, kindOf } from '../kube-object.ts';
import type { GroupVersionKind, KubeObject } from '../kube-object.ts';
import { builtInDefaults } from '../kinds/defaults/built-in-defaults.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { decodeObject } from '../schema/decode.ts';
import { goKindOf } from '../schema/scalars.ts';
import { setDefaults } from '../schema/set-defaults.ts';
import { parseJson } from '../schema/parse-json.ts';
import type { Schema } from '../schema/schema.ts';
import { protobuf } from './accept.ts';
import type { WriteQuery } from './options.ts';
import { parseYaml } from './parse-yaml.ts';

/** A kind as bodies of it are read. */
export interface BodyKind extends GroupVersionKind {
  readonly schema: Schema;
  readonly rules: KindRules | undefined;
  /** An older `apiVersion` whose objects are read as if they were of this one. */
  readonly readAlike?: string;
  /** Reads the API's protobuf; undefined when the bytes are none. */
  readProtobuf(bytes: Buffer): JsonObject | undefined;
  /** The type of any kind that the API knows, which decides how a body of another kind is refused. */
  schemaOf(kind: GroupVersionKind): Schema | undefined;
}

/** An object that was read, with what to warn about. */
export interface ReadObject {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** What a request's body holds. */
export interface Body {
  readonly bytes: Buffer;
  readonly text: string;
  /** The media type without its parameters; empty when the request names none. */
  readonly type: string;
}

/** Reads an object of a kind from a body, decoded by its type and with its defaults. Throws 400 and 415. */
export function readObject(
  body: Body,
  kind: BodyKind,
  validation: WriteQuery['fieldValidation'],
): ReadObject {
  const { value, duplicates } = readTree(body, kind);
  const given = value === null ? {} : value;
  if (!isObject(given)) throw unrecognized(kind.kind, notObject(given), body.text);
  if (kind.rules?.custom === undefined) checkKind(given, kind);
  else checkCustomKind(given, kind, { text: body.text, validation });
  return readTyped(given, kind, { validation, duplicates });
}

/** Decodes a tree by its type and sets its defaults, for objects that did not come as a body (patched ones). Throws 400. */
export function readTyped(
  given: JsonObject,
  kind: BodyKind,
  {
    validation,
    duplicates,
  }: { readonly validation: WriteQuery['fieldValidation']; readonly duplicates: readonly string[] },
): ReadObject {
  const decoded = kind.rules?.custom?.decode(given) ?? decodeObject(given, kind.schema);
  if (!decoded.ok) throw badRequestError(`${cannotBeHandled(given, kind)}: ${decoded.message}`);
  const found = validation === 'Ignore' ? [] : [...duplicates, ...decoded.strict];
  if (validation === 'Strict' && found.length > 0) {
    throw badRequestError(`${cannotBeHandled(given, kind)}: strict decoding error: ${found.join(', ')}`);
  }
  const object = withDefaults(decoded.object, typeMetaOf(given, kind), kind);
  return { object, warnings: found };
}

/** An object of a custom kind as applying made it, with its defaults: nothing is taken from it before it is checked. */
export function readApplied(given: JsonObject, kind: BodyKind): ReadObject {
  return { object: withDefaults(given, typeMetaOf(given, kind), kind), warnings: [] };
}

function withDefaults(
  decoded: JsonObject,
  typeMeta: { readonly apiVersion: string; readonly kind: string },
  kind: BodyKind,
): KubeObject {
  const { metadata } = decoded;
  const object: KubeObject = {
    ...draftOf(decoded),
    ...typeMeta,
    metadata: isObject(metadata) ? draftOf(metadata) : {},
  };
  if (kind.rules?.custom === undefined) setDefaults(object, kind.schema, builtInDefaults);
  kind.rules?.setDefaults?.(object);
  return object;
}

/** What an object of a custom kind says of its kind is checked later, with the rest of it. */
function typeMetaOf(
  given: JsonObject,
  kind: BodyKind,
): { readonly apiVersion: string; readonly kind: string } {
  const expected = { apiVersion: apiVersionOf(kind.group, kind.version), kind: kind.kind };
  if (kind.rules?.custom === undefined) return expected;
  return {
    apiVersion: textAt(given, 'apiVersion') ?? expected.apiVersion,
    kind: textAt(given, 'kind') ?? expected.kind,
  };
}

/** Reads protobuf, JSON or YAML. Throws 400 and 415. */
function readTree(body: Body, kind: BodyKind): { value: Json; duplicates: readonly string[] } {
  if (body.type === protobuf) {
    const value = kind.readProtobuf(body.bytes);
    if (value === undefined)
      throw badRequestError(`the object provided is unrecognized (must be of type ${kind.kind})`);
    return { value, duplicates: [] };
  }
  if (body.type === 'application/yaml') {
    const parsed = parseYaml(body.text);
    if (parsed.ok) return { value: parsed.value, duplicates: [] };
    throw badRequestError(
      `the object provided is unrecognized (must be of type ${kind.kind}): ${parsed.message} (${summary(body.text)})`,
    );
  }
  if (body.type !== '' && body.type !== 'application/json') {
    throw new ApiError(
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json, application/yaml, application/vnd.kubernetes.protobuf',
      { code: 415, reason: 'UnsupportedMediaType' },
    );
  }
  const parsed = parseJson(body.text);
  if (!parsed.ok) throw unrecognized(kind.kind, parsed.message, body.text);
  return parsed;
}

/** Reads YAML as JSON. Throws 400. */
export function readYaml(text: string): Json {
  const parsed = parseYaml(text);
  if (parsed.ok) return parsed.value;
  throw badRequestError(`error decoding YAML: error converting YAML to JSON: ${parsed.message}`);
}

/** What Go says of JSON that is no object where one should be. */
export function notObject(given: Json): string {
  return (
    `json: cannot unmarshal ${goKindOf(given)} into Go value of type struct { APIVersion string ` +
    '"json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  );
}

function unrecognized(kind: string, message: string, text: string): ApiError {
  return badRequestError(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ` +
      `${message} (${summary(text)})`,
  );
}

const summaryLength = 30;

function summary(text: string): string {
  if (text === '') return '<empty>';
  const data = Buffer.from(text);
  const more = data.length > summaryLength ? ' ...' : '';
  const kept = data.subarray(0, summaryLength);
  return `${kept.toString(text.startsWith('{') ? 'utf8' : 'hex')}${more}`;
}

function cannotBeHandled(given: JsonObject, kind: BodyKind): string {
  const { version } = kindOf(textAt(given, 'apiVersion') ?? apiVersionOf(kind.group, kind.version), '');
  return `${textAt(given, 'kind') ?? kind.kind} in version "${version}" cannot be handled as a ${kind.kind}`;
}

/** Objects of custom kinds are read whatever kind they say they are, but for one of another version. */
function checkCustomKind(
  given: JsonObject,
  kind: BodyKind,
  { text, validation }: { readonly text: string; readonly validation: WriteQuery['fieldValidation'] },
): void {
  if ((textAt(given, 'kind') ?? '') === '') {
    const why = `Object 'Kind' is missing in '${text}'`;
    throw validation === 'Ignore'
      ? badRequestError(`${cannotBeHandled(given, kind)}: ${why}`)
      : badRequestError(
          `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${summary(text)})`,
        );
  }
  const expected = apiVersionOf(kind.group, kind.version);
  const apiVersion = textAt(given, 'apiVersion') ?? '';
  if (apiVersion === expected) return;
  throw otherVersion(apiVersion, expected);
}

function otherVersion(apiVersion: string, expected: string): ApiError {
  return badRequestError(
    `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
  );
}

/** Versions that the real server still has types for, although it serves them no more. */
const retired = ['apps/v1beta1', 'apps/v1beta2', 'extensions/v1beta1', 'batch/v1beta1', 'policy/v1beta1'];

function checkKind(given: JsonObject, kind: BodyKind): void {
  const expected = apiVersionOf(kind.group, kind.version);
  const apiVersion = textAt(given, 'apiVersion') ?? expected;
  const named = kindOf(apiVersion, textAt(given, 'kind') ?? kind.kind);
  if ([expected, kind.readAlike].includes(apiVersion) && named.kind === kind.kind) return;
  const type = registeredType(given, named, kind);
  if (apiVersion !== expected) throw otherVersion(apiVersion, expected);
  throw ofOtherKind(given, kind, type);
}

/** Throws 400 about an object that a patch made to be of another kind, in the words of its decoder. */
export function checkPatchedKind(given: JsonObject, kind: BodyKind): void {
  const expected = apiVersionOf(kind.group, kind.version);
  const apiVersion = textAt(given, 'apiVersion') ?? expected;
  const named = kindOf(apiVersion, textAt(given, 'kind') || kind.kind);
  if (apiVersion === expected && named.kind === kind.kind) return;
  const type = registeredType(given, named, kind);
  if (type !== undefined) throw ofOtherKind(given, kind, type);
}

/** The type of a kind; undefined when it is known and served no more. Throws 400 when nobody knows it. */
function registeredType(given: JsonObject, named: GroupVersionKind, kind: BodyKind): Schema | undefined {
  const type = kind.schemaOf(named);
  const apiVersion = apiVersionOf(named.group, named.version);
  if (type !== undefined || retired.includes(apiVersion)) return type;
  throw badRequestError(
    `${cannotBeHandled(given, kind)}: no kind "${named.kind}" is registered for version "${apiVersion}" in scheme ` +
      '"pkg/runtime/scheme.go:111"',
  );
}

/** It is read as what it says to be, before it is found to be something else. */
function ofOtherKind(given: JsonObject, kind: BodyKind, type: Schema | undefined): ApiError {
  const decoded = type === undefined ? undefined : decodeObject(given, type);
  const { version } = kindOf(textAt(given, 'apiVersion') ?? kind.version, '');
  const own = kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '');
  const why =
    decoded?.ok === false
      ? decoded.message
      : `converting (${version}.${textAt(given, 'kind') ?? kind.kind}) to (${own}.${kind.kind}): unknown conversion`;
  return badRequestError(`${cannotBeHandled(given, kind)}: ${why}`);
}
