import { isJsonObject } from './manifests.ts';
import type { Json, JsonObject, KubeObject } from './object.ts';
import { fieldText } from './problem.ts';

/** Where an image comes from, as container runtimes read its name. */
export interface ImagePlace {
  /** Host, and port where one is written, in lower case; `docker.io` when none is named. */
  readonly registry: string;
  /** The path below it, such as `library/nginx`. */
  readonly repository: string;
}

/** An image that an object names, and the field that does. */
export interface NamedImage {
  readonly field: string;
  readonly image: string;
}

const longest = 512;
const hostLabel = /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const component = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9+._-]{0,63}:[0-9a-fA-F]{32,256}$/;

/**
 * Reads the name of an image by the rules of container runtimes (github.com/distribution/reference, normalize.go); undefined
 * when it is none, as with userinfo, a scheme, `..`, a space or an upper-case path.
 */
export function readImage(text: string): ImagePlace | undefined {
  const rest = text.length > longest ? undefined : withoutVersion(text);
  if (rest === undefined) return undefined;
  const { host, components } = partsOf(rest);
  if (host !== undefined && !isHostName(host)) return undefined;
  if (!components.every((each) => component.test(each))) return undefined;
  const registry = registryOf(host);
  const isOfficial = registry === 'docker.io' && components.length === 1;
  return { registry, repository: isOfficial ? `library/${components.join('/')}` : components.join('/') };
}

/** What stands before the first slash is a host when it cannot be a part of a path. */
function partsOf(name: string): { readonly host?: string; readonly components: readonly string[] } {
  const [first = '', ...path] = name.split('/');
  const isHost = first === 'localhost' || /[.:A-Z]/.test(first);
  return path.length > 0 && isHost ? { host: first, components: path } : { components: [first, ...path] };
}

function registryOf(host = 'docker.io'): string {
  const name = host.toLowerCase();
  return name === 'index.docker.io' ? 'docker.io' : name;
}

function isHostName(text: string): boolean {
  const [name = '', port, ...more] = text.split(':');
  const isPort = port === undefined || /^[0-9]{1,5}$/.test(port);
  return more.length === 0 && isPort && name.split('.').every((label) => hostLabel.test(label));
}

/** The name without tag and digest; undefined when one of them is none. */
function withoutVersion(text: string): string | undefined {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  const colon = named.lastIndexOf(':');
  if (colon < 0 || named.includes('/', colon)) return named;
  return tagPattern.test(named.slice(colon + 1)) ? named.slice(0, colon) : undefined;
}

/** Kinds that hold data or schemas and run nothing: a field of this name in them is no image. */
const inert: ReadonlySet<string> = new Set([
  'v1 ConfigMap',
  'v1 Secret',
  'apiextensions.k8s.io/v1 CustomResourceDefinition',
]);

/** Mappings of names that users choose; `image` may be one of them. */
const named: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector']);

interface Visit {
  readonly value: Json;
  readonly step: string | number;
  readonly above: Visit | undefined;
}

/**
 * Every image that an object names: the text of every field `image`, wherever its kind keeps it (containers of all sorts,
 * templates of custom kinds, workflows), images as volumes, and models in images (`storageUri: oci://…`). Texts that hold
 * manifests are not looked into.
 */
export function imagesIn(object: KubeObject): readonly NamedImage[] {
  if (inert.has(`${object.apiVersion} ${object.kind}`)) return [];
  const found: NamedImage[] = [];
  // A stack of its own, so that no depth of nesting ends the process.
  const open: Visit[] = [...membersOf(object, undefined)];
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const image = imageOf(visit);
    if (image !== undefined) found.push({ field: fieldText(pathOf(visit)), image });
    if (!isOfTexts(visit)) for (const member of membersOf(visit.value, visit)) open.push(member);
  }
  return found.reverse();
}

function membersOf(value: Json, above: Visit | undefined): readonly Visit[] {
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries<Json>(value).map(([key, member]) => ({
    value: member,
    step: isList ? Number(key) : key,
    above,
  }));
}

function isOfTexts({ step, value }: Visit): boolean {
  return (
    named.has(String(step)) &&
    isJsonObject(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function imageOf({ step, value }: Visit): string | undefined {
  if (step === 'storageUri' && typeof value === 'string' && /^oci:/i.test(value))
    return value.replace(/^oci:\/\//i, '');
  if (step !== 'image') return undefined;
  const text = isJsonObject(value) ? textOf(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** An image as a volume has a `reference`; custom kinds have a `repository`, some beside a `registry`. */
function textOf({ reference, registry, repository }: JsonObject): Json | undefined {
  if (reference !== undefined) return reference;
  return typeof registry === 'string' && typeof repository === 'string' && registry !== ''
    ? `${registry}/${repository}`
    : repository;
}

function pathOf(visit: Visit): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Visit | undefined = visit; at; at = at.above) path.push(at.step);
  return path.reverse();
}
