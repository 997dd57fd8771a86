import { base64Text, utf8Bytes } from '@meridian/manifests';
import type { GeneratorFields, GeneratorOptionFields } from '../build/kustomization-fields.ts';
import type { Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { newResource, originOf, type Behavior, type Resource } from '../resources/resource.ts';
import { bareFieldsOf } from '../values/flaws.ts';
import { isQuotedOrBlock, withQuotesBy } from '../values/quotes.ts';
import type { Fields, Value } from '../values/value.ts';
import { pairsOf, type Content } from './sources.ts';

/** A generated ConfigMap (api/internal/generators/configmap.go): text under `data`, other bytes under `binaryData`. */
export function generateConfigMap(fields: GeneratorFields, step: Step): Resource {
  const pairs = sorted(pairsOf(fields, step));
  const data = pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  for (const [key, text] of data) refuseTabbed(key, text, step);
  const binary = pairs.filter(([, value]) => typeof value !== 'string');
  return generated(fields, step, {
    ...headOf('ConfigMap', fields, step),
    ...someOf('data', Object.fromEntries(data)),
    ...someOf('binaryData', Object.fromEntries(binary.map(([key, value]) => [key, wrappedBase64(value)]))),
  });
}

/** Upstream writes lines as a block, and reads none whose first character is a tab. */
function refuseTabbed(key: string, text: string, { place }: Step): void {
  if (text.startsWith('\t') && text.includes('\n'))
    refuse({
      ...place,
      message: `kustomize cannot read back the lines of ${key}, since they start with a tab`,
      fix: 'start them with something else, as an empty line',
    });
}

/** A generated Secret (api/internal/generators/secret.go): everything in base64 under `data`, which is always there. */
export function generateSecret(fields: GeneratorFields, step: Step): Resource {
  const { type = '' } = fields;
  const pairs = sorted(pairsOf(fields, step)).map(([key, value]) => [key, wrappedBase64(value)] as const);
  return generated(fields, step, {
    ...headOf('Secret', fields, step),
    type: type === '' ? 'Opaque' : type,
    data: withQuotesBy(isQuotedOrBlock, bareFieldsOf(Object.fromEntries(pairs))),
  });
}

/** The options of one generator completed by those of the whole kustomization (types.MergeGlobalOptionsIntoLocal). */
export function mergedOptions(
  own: GeneratorOptionFields = {},
  common: GeneratorOptionFields = {},
): GeneratorOptionFields {
  return {
    labels: { ...common.labels, ...own.labels },
    annotations: { ...common.annotations, ...own.annotations },
    disableNameSuffixHash: own.disableNameSuffixHash === true || common.disableNameSuffixHash === true,
    immutable: own.immutable === true || common.immutable === true,
  };
}

function headOf(kind: string, fields: GeneratorFields, { place }: Step): Fields {
  const { name = '', namespace = '', options = {} } = fields;
  if (name === '') refuse({ ...place, message: 'the generator has no name', fix: 'add name' });
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      ...someOf('labels', options.labels ?? {}, () => true),
      ...someOf('annotations', options.annotations ?? {}),
    },
  };
}

function generated(fields: GeneratorFields, { place }: Step, object: Fields): Resource {
  const { options = {}, behavior = '' } = fields;
  const completed = options.immutable === true ? { ...object, immutable: true } : object;
  return {
    ...newResource(completed, originOf(place)),
    behavior: behaviorOf(behavior),
    hashed: options.disableNameSuffixHash !== true,
  };
}

/** Whatever is no known word counts as unspecified (api/types/generationbehavior.go). */
function behaviorOf(text: string): Behavior {
  return text === 'create' || text === 'merge' || text === 'replace' ? text : 'unspecified';
}

/** Labels are always in quotes (kyaml LabelSetter); annotations are written again, with those that a step puts. */
function someOf(
  key: string,
  map: { readonly [key: string]: Value },
  isQuotedText: (text: string) => boolean = isQuotedOrBlock,
): Fields {
  if (Object.keys(map).length === 0) return {};
  return { [key]: withQuotesBy(isQuotedText, bareFieldsOf({ ...map })) };
}

function sorted(pairs: ReadonlyMap<string, Content>): [string, Content][] {
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Base64 that is 70 characters or longer is broken into lines, each with an end; the name's hash is over that text. */
export function wrappedBase64(content: Content): string {
  const text = base64Text(typeof content === 'string' ? utf8Bytes(content) : content);
  return text.length < 70 ? text : text.replace(/.{1,70}/g, '$&\n');
}
