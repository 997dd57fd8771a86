import { sha256Hex } from '@meridian/manifests';
import type { Resources } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, rememberingId, withFields, type Resource } from '../resources/resource.ts';
import { goJson } from '../values/json.ts';
import { plainOf, type Plain } from '../values/plain.ts';
import { fieldOf, isFields, isScalar, scalarTextAt, textOf, withField } from '../values/value.ts';
import { rewritten } from './scalars.ts';

/** Puts a hash of their content behind the names of generated objects (HashTransformer). */
export function applyHashes(resources: Resources): Resources {
  return resources.some(({ hashed }) => hashed)
    ? resources.map((resource) => (resource.hashed ? withHash(resource) : resource))
    : resources;
}

function withHash(resource: Resource): Resource {
  const metadata = fieldOf(resource.fields, 'metadata');
  if (!isFields(metadata)) return resource;
  const remembered = rememberingId(resource);
  const name = `${scalarTextAt(metadata, ['name'])}-${contentHash(resource)}`;
  const named = withField(metadata, 'name', rewritten(fieldOf(metadata, 'name'), name));
  return withFields(remembered, withField(resource.fields, 'metadata', named));
}

/**
 * The hash of a ConfigMap or a Secret (api/hasher/hasher.go). Kustomize looks the name up under a key that no object has,
 * so it counts as empty.
 */
export function contentHash(resource: Resource): string {
  const { kind } = idOf(resource);
  if (kind !== 'ConfigMap' && kind !== 'Secret')
    refuse({
      ...resource.origin,
      message: `${idText(idOf(resource))} was generated as another kind, for which there is no hash of the content`,
      fix: 'set disableNameSuffixHash',
    });
  const isSecret = kind === 'Secret';
  const extra = isSecret ? 'stringData' : 'binaryData';
  const extraContent = contentOf(resource, extra);
  return encoded(
    sha256Hex(
      goJson({
        kind,
        name: '',
        data: contentOf(resource, 'data'),
        ...(isSecret ? { type: contentOf(resource, 'type') } : {}),
        ...(typeof extraContent === 'string' ? {} : { [extra]: extraContent }),
      }),
    ),
  );
}

/** A mapping as it is, a scalar as its text, a list as null: kustomize fails to decode it and goes on. */
function contentOf({ fields }: Resource, field: string): Plain {
  const value = fieldOf(fields, field);
  if (value === undefined) return '';
  if (isScalar(value)) return textOf(value);
  return isFields(value) ? asDecoded(plainOf(value)) : null;
}

/** Kustomize decodes numbers as floats here, so that large integers lose digits and gain an exponent. */
function asDecoded(plain: Plain): Plain {
  if (typeof plain === 'bigint') return Number(plain);
  if (typeof plain !== 'object' || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(asDecoded);
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, asDecoded(value)]));
}

const lookAlikes: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** Ten characters without look-alikes and without vowels. */
function encoded(hex: string): string {
  return hex.slice(0, 10).replace(/[013ae]/g, (char) => lookAlikes[char] ?? char);
}
