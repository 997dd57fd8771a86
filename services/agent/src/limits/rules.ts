import { namePattern } from '@meridian/diff';
import type { AgentLimits, NameLimits } from '@meridian/fleet';
import { imagesIn, isClusterScoped, keyOf, readImage } from '@meridian/manifests';
import type { KubeObject, NamedImage, ObjectKey } from '@meridian/manifests';

/** Judges what is to be written or deleted by the limits of this cluster. Each sentence is why not; undefined is yes. */
export interface LimitRules {
  /** An object that is to be written, with all images that it names. */
  refusal(object: KubeObject): string | undefined;
  /** An object that is to be deleted, or about which nothing else is known. */
  refusalOf(key: ObjectKey): string | undefined;
}

type Test = (text: string) => boolean;

const shown = 5;

/** Who can lift a limit, and where. */
export const wayOut = 'only its administrator can lift that, in the limits of the agent';

/** The rules that some limits make. Names are compared without regular expressions, so that no pattern takes long. */
export function limitRules({ namespaces, kinds, registries }: AgentLimits): LimitRules {
  const ofKey = [kindRule(kinds), scopeRule(kinds?.clusterScoped), namespaceRule(namespaces)];
  const ofImage = registries && registriesRule(registries);
  const refusalOf = (key: ObjectKey) => firstOf(ofKey, (rule) => rule(key));
  return {
    refusalOf,
    refusal(object) {
      const why = refusalOf(keyOf(object));
      return why === undefined && ofImage ? firstOf(imagesIn(object), ofImage) : why;
    },
  };
}

function firstOf<T>(items: readonly T[], why: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = why(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

type KeyRule = (key: ObjectKey) => string | undefined;

const isNamespace = ({ group, kind }: ObjectKey): boolean => group === '' && kind === 'Namespace';

const isOutside = ({ group, kind, namespace }: ObjectKey): boolean =>
  namespace === '' || isClusterScoped(group, kind);

function kindRule(kinds: AgentLimits['kinds']): KeyRule {
  const rule = namesRule('kinds', kinds, kindPattern);
  return (key) => {
    const why = rule(`${key.group}/${key.kind}`);
    return why && `the limits of this cluster ${why}; its kind is ${kindText(key)}); ${wayOut}`;
  };
}

function scopeRule(clusterScoped: readonly string[] | undefined): KeyRule {
  if (!clusterScoped) return () => undefined;
  const allowed = clusterScoped.map(kindPattern);
  const text = `the limits of this cluster allow ${onlyText(clusterScoped, 'kinds')} outside namespaces`;
  return (key) => {
    if (!isOutside(key) || allowed.some((fits) => fits(`${key.group}/${key.kind}`))) return undefined;
    return `${text} (kinds.clusterScoped; its kind is ${kindText(key)}); ${wayOut}`;
  };
}

function namespaceRule(namespaces: NameLimits | undefined): KeyRule {
  const rule = namesRule('namespaces', namespaces, namePattern);
  return (key) => {
    if (isOutside(key) && !isNamespace(key)) return undefined;
    const name = isNamespace(key) ? key.name : key.namespace;
    const why = rule(name);
    return why && `the limits of this cluster ${why}; its namespace is ${name}); ${wayOut}`;
  };
}

/** Why a name is not allowed, up to the brackets that tell the value. */
function namesRule(
  field: string,
  { allowed, denied = [] }: NameLimits = {},
  pattern: (text: string) => Test,
): (name: string) => string | undefined {
  const refusing = denied.map((text) => ({ text, fits: pattern(text) }));
  const allowing = allowed?.map(pattern);
  return (name) => {
    const found = refusing.find(({ fits }) => fits(name));
    if (found) return `deny ${found.text} (${field}.denied`;
    if (!allowing || allowing.some((fits) => fits(name))) return undefined;
    return `allow ${onlyText(allowed ?? [], field)} (${field}.allowed`;
  };
}

/** The pattern of a kind: `*` is every one, and a name without a group is of the core group. */
function kindPattern(text: string): Test {
  if (text === '*') return () => true;
  const slash = text.indexOf('/');
  const ofGroup = namePattern(slash < 0 ? '' : text.slice(0, slash));
  const ofKind = namePattern(text.slice(slash + 1));
  return (kind) => {
    const at = kind.indexOf('/');
    return ofGroup(kind.slice(0, at)) && ofKind(kind.slice(at + 1));
  };
}

function registriesRule(registries: readonly string[]): (named: NamedImage) => string | undefined {
  const tests = registries.map(registryPattern);
  return ({ field, image }) => {
    const place = readImage(image);
    // Its text stays here: what is no name of an image may hold a password.
    if (!place)
      return `what ${field} names is no image that can be read, and the limits of this cluster allow ${onlyText(registries, 'images', 'of ')} (registries); write it as HOST/PATH:TAG`;
    const from = `${place.registry}/${place.repository}`;
    if (tests.some((fits) => fits(place.registry, from))) return undefined;
    return `the limits of this cluster allow ${onlyText(registries, 'images', 'of ')} (registries; ${field} is from ${from}); ${wayOut}`;
  };
}

/** `HOST[:PORT]`, a path below it by whole components, or all hosts below a domain. */
function registryPattern(text: string): (registry: string, from: string) => boolean {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const path = slash < 0 ? '' : text.slice(slash + 1);
  const isHost = host.startsWith('*.')
    ? (name: string) => name.endsWith(host.slice(1))
    : (name: string) => name === host;
  return (registry, from) => {
    const below = from.slice(registry.length + 1);
    return isHost(registry) && (path === '' || below === path || below.startsWith(`${path}/`));
  };
}

function onlyText(names: readonly string[], what: string, of = ''): string {
  if (names.length === 0) return `no ${what}`;
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  const list = `${names.slice(0, shown).join(', ')}${more}`;
  return of === '' ? `only the ${what} ${list}` : `only ${what} ${of}${list}`;
}

const kindText = ({ group, kind }: ObjectKey): string => (group === '' ? kind : `${group}/${kind}`);
